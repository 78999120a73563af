import { FAULT_MODES, type FaultMode, STREAM_FAULT_MODES } from '../../local/faults/fault.ts';
import type { Deployment } from '../stack/deployment.ts';
import { type Expectation, expectationFor } from './expectation.ts';

/** Some dependencies failing in one way: a row of the chaos table. */
export interface Cell {
  /** `target/mode`, for people and for `--cells`. */
  name: string;
  /** As the local cloud's control endpoint takes them. */
  targets: string[];
  mode: FaultMode;
  /** Every other question is asked for as a stream. */
  alsoStreams: boolean;
  expected: Expectation;
}

/** Modes in which every call fails: only then can it be said of every answer what it must do without. */
const HARD_MODES: ReadonlySet<FaultMode> = new Set([
  ...(['error', 'hang', 'rate-limited', 'garbage', 'refused'] as const),
  ...STREAM_FAULT_MODES,
]);
const STREAM_MODES: ReadonlySet<FaultMode> = new Set(STREAM_FAULT_MODES);
const BINDING_MODES = ['error', 'hang', 'slow', 'flapping'] as const satisfies FaultMode[];

const ROWS: { name: string; targets: string[]; modes: readonly FaultMode[] }[] = [
  { name: 'vectorize', targets: ['vectorize'], modes: FAULT_MODES },
  { name: 'vectorize:primary', targets: ['vectorize:primary'], modes: FAULT_MODES },
  { name: 'vector', targets: ['vector'], modes: FAULT_MODES },
  { name: 'redis', targets: ['redis'], modes: FAULT_MODES },
  { name: 'redis+vector', targets: ['redis', 'vector'], modes: FAULT_MODES },
  { name: 'ai/embed', targets: ['ai/embed'], modes: FAULT_MODES },
  { name: 'ai', targets: ['ai'], modes: FAULT_MODES },
  { name: 'ai/generate', targets: ['ai/generate'], modes: STREAM_FAULT_MODES },
  { name: 'd1', targets: ['d1'], modes: BINDING_MODES },
  { name: 'kv', targets: ['kv'], modes: BINDING_MODES },
  { name: 'd1+kv', targets: ['d1', 'kv'], modes: BINDING_MODES },
];

/** The whole chaos table. */
export function chaosCells(deployment: Deployment): Cell[] {
  return ROWS.flatMap(({ name, targets, modes }) => modes.map((mode) => cellOf(name, targets, mode, deployment)));
}

/** Every two vector stores at once, and all of them. */
export function pairCells(deployment: Deployment): Cell[] {
  const stores = deployment.stores.map(({ faultTarget }) => faultTarget);
  const pairs = stores.flatMap((first, n) => stores.slice(n + 1).map((second) => [first, second]));
  const groups = stores.length > 2 ? [...pairs, stores] : pairs;
  return groups.map((targets) => cellOf(targets.join('+'), targets, 'error', deployment));
}

/** Everything that passages can be found in. */
export function everythingCell(deployment: Deployment, mode: FaultMode): Cell {
  const targets = [...deployment.stores.map(({ faultTarget }) => faultTarget), 'd1'];
  return cellOf('all stores+d1', targets, mode, deployment);
}

export function isHard(mode: FaultMode): boolean {
  return HARD_MODES.has(mode);
}

/** By a comma-separated list of parts of names, or of patterns with `*`. */
export function selectCells(cells: Cell[], filter: string): Cell[] {
  const patterns = filter.split(',').map((part) => part.trim());
  return cells.filter(({ name }) => patterns.some((pattern) => fits(pattern, name)));
}

function fits(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return name.includes(pattern);
  const expression = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${expression}$`).test(name);
}

function cellOf(row: string, targets: string[], mode: FaultMode, deployment: Deployment): Cell {
  const alsoStreams = STREAM_MODES.has(mode);
  return { name: `${row}/${mode}`, targets, mode, alsoStreams, expected: expectationFor(targets, deployment) };
}
