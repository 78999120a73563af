import type { OperatorFlag } from '../namespaces/operator-flag.ts';
import type { KnownFlags, OperatorFlagBoard } from '../namespaces/operator-flags.ts';
import type { Result } from '../result.ts';
import type { Circuits, CircuitView } from './circuits.ts';
import type { Deadline } from './deadline.ts';
import type { UpstreamError } from './upstream-error.ts';

/** The dependencies of this deployment, by the names that operators and counters use. */
export interface DependencyMap {
  /** Their circuits; most have one, of the same name. */
  circuits: Readonly<Record<string, readonly string[]>>;
  /** What a question needs: words, or an embedding and one vector store, or one that embeds by itself. */
  legs: {
    lexical: string;
    embedding: string;
    vectorStores: readonly string[];
    embeddingStores: readonly string[];
  };
}

export interface DependencyView {
  name: string;
  /** Of its circuits, the state that lets least through. */
  state: CircuitView['state'];
  order: OperatorFlag | null;
  circuits: CircuitView[];
  /** Of a vector store: it answers, but so late that it is asked last. */
  isDemoted: boolean;
}

/** What this isolate sees of its dependencies, and an operator's hand on them. */
export interface Dependencies {
  names(): string[];
  /** Reads operators' orders again where those known are too old. */
  refresh(): Promise<void>;
  /** Whether a question could be answered from an index now. */
  isReady(): boolean;
  view(name: string): DependencyView;
  order(
    name: string,
    state: OperatorFlag['state'],
    keyId: string,
    deadline: Deadline,
  ): Promise<Result<void, UpstreamError>>;
  orders(): Readonly<KnownFlags>;
}

const BY_SEVERITY = ['isolated', 'open', 'half-open', 'closed'] as const satisfies CircuitView['state'][];

export function createDependencies(
  map: DependencyMap,
  circuits: Circuits,
  flags: OperatorFlagBoard,
  isDemoted: (name: string) => boolean,
): Dependencies {
  function look(dependency: string, circuit: string): CircuitView {
    // A dependency that nobody has called since the order looks as the next call will find it.
    circuits.setIsolated(circuit, flags.isIsolated(dependency));
    return circuits.view(circuit);
  }

  function view(name: string): DependencyView {
    const views = (map.circuits[name] ?? []).map((circuit) => look(name, circuit));
    return {
      name,
      state: BY_SEVERITY.find((state) => views.some((circuit) => circuit.state === state)) ?? 'closed',
      order: flags.known().flags[name] ?? null,
      circuits: views,
      isDemoted: isDemoted(name),
    };
  }

  function isUsable(circuit: string): boolean {
    const dependency = Object.keys(map.circuits).find((name) => map.circuits[name]?.includes(circuit)) ?? circuit;
    const { state } = look(dependency, circuit);
    return state === 'closed' || state === 'half-open';
  }

  return {
    names: () => Object.keys(map.circuits),
    async refresh() {
      await flags.refresh();
    },
    isReady() {
      const { lexical, embedding, vectorStores, embeddingStores } = map.legs;
      const canEmbed = isUsable(embedding);
      return isUsable(lexical) || (canEmbed && vectorStores.some(isUsable)) || embeddingStores.some(isUsable);
    },
    view,
    order: (name, state, keyId, deadline) => flags.order(name, state, keyId, deadline),
    orders: flags.known,
  };
}
