import { join } from 'node:path';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { type Measurement, type Promised, promised } from '../report.ts';
import { measureOnStack } from '../stack/bench-stack.ts';
import { defineSuite } from '../suite.ts';
import { EFFECTIVE_WITHIN_MS, measureVariant, type VariantResult } from './measure-variant.ts';
import { TWO_APIS } from './two-apis.ts';
import { VARIANTS, type Variant } from './variants.ts';

const REQUESTS = 200;
const DURATION_SECONDS = 30;
const VISIBILITY_SECONDS = 60;
const BAR_SECONDS = EFFECTIVE_WITHIN_MS / 1_000;
const ISOLATES = [
  ['own', 'the isolate that deleted it'],
  ['other', 'another isolate'],
] as const;
const NAMES = VARIANTS.map(({ name }) => name);

const options = {
  variants: { type: 'string', value: 'LIST', description: `of ${NAMES.join(',')} (default: all)` },
  duration: {
    type: 'string',
    value: 'SECONDS',
    description: `in which each isolate is asked for it ${REQUESTS} times`,
    default: String(DURATION_SECONDS),
  },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/deletes)' },
} as const satisfies OptionSpecs;

export const deletesSuite = defineSuite({
  name: 'deletes',
  summary: `Delete documents while every vector store shows its writes only ${VISIBILITY_SECONDS} s later, and ask two isolates for them again and again.`,
  arguments: '[options]',
  options,
  examples: ['npm run bench -- deletes', 'npm run bench -- deletes --variants one,cached --json deletes.json'],
  measure: ({ options: chosen, output }, seed) => {
    const variants = readVariants(chosen.variants);
    const durationMs = Number(chosen.duration) * 1_000;
    if (!(durationMs > 0)) throw new UsageError(`--duration ${chosen.duration} is no time`);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'deletes');
    const pace = { requests: REQUESTS, durationMs, visibilityMs: VISIBILITY_SECONDS * 1_000 };
    const onStack = { stateDir, output, breakableBindings: false, front: TWO_APIS };
    return measureOnStack(onStack, async (stack, signal) => {
      const world = { stack, stateDir, run: Date.now().toString(36), seed, signal };
      const results: VariantResult[] = [];
      for (const variant of variants) {
        output.line(`Deleting: ${variant.name}`);
        results.push(await measureVariant(world, variant, pace));
      }
      return describeResults(results, output);
    });
  },
});

function readVariants(list: string | null): Variant[] {
  if (list === null) return [...VARIANTS];
  return list.split(',').map((name) => {
    const variant = VARIANTS.find((known) => known.name === name.trim());
    if (variant === undefined) throw new UsageError(`--variants: '${name}' is none of ${NAMES.join(', ')}`);
    return variant;
  });
}

function describeResults(results: VariantResult[], output: Output): Measurement {
  for (const { variant, differences } of results) {
    for (const { kind, where, documentId, what } of differences) {
      output.line(`${variant}: ${kind} in ${where}: ${documentId}: ${what}`);
    }
  }
  return {
    promises: results.flatMap(promisesOf),
    profile: `no added latency; every vector store shows writes after ${VISIBILITY_SECONDS} s`,
    table: [
      ['deleted', 'asked of', 'requests', 'failed', 'last seen, ms after the DELETE', 'too late', 'gone everywhere'],
      ...results.flatMap(rowsOf),
    ],
    raw: results,
  };
}

function rowsOf({ variant, asked, goneAfterMs }: VariantResult): string[][] {
  const gone = goneAfterMs === null ? 'NO' : `${(goneAfterMs / 1_000).toFixed(1)} s after the stores showed it`;
  return ISOLATES.map(([isolate, name]) => {
    const { requests, failed, lastSeenMs, seenTooLate } = asked[isolate];
    const lastSeen = lastSeenMs === null ? 'never' : String(Math.round(lastSeenMs));
    return [variant, name, String(requests), String(failed), lastSeen, String(seenTooLate), gone];
  });
}

function promisesOf({ variant, wasFound, asked, differences }: VariantResult): Promised[] {
  const zero = (name: string, count: number, unit: string) =>
    promised(`${variant}: ${name}`, count, unit, '= 0', count === 0);
  return [
    promised(`${variant}: every way to ask found it before`, wasFound ? 1 : 0, '', '= 1', wasFound),
    ...ISOLATES.flatMap(([isolate, name]) => [
      zero(`returned by ${name} later than ${BAR_SECONDS} s after the DELETE`, asked[isolate].seenTooLate, 'answers'),
      zero(`requests to ${name} that failed`, asked[isolate].failed, 'requests'),
    ]),
    zero('left anywhere, or lost with it', differences.length, 'differences'),
  ];
}
