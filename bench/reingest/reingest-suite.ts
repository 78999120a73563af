import { join } from 'node:path';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { type Measurement, type Promised, promised } from '../report.ts';
import { measureOnStack } from '../stack/bench-stack.ts';
import { readDocuments } from '../stack/collection.ts';
import { defineSuite } from '../suite.ts';
import { PARTS, type PartName, type Step } from './parts.ts';

const NAMES = Object.keys(PARTS).filter(isPart);

const options = {
  documents: {
    type: 'string',
    value: 'DIR',
    description: 'Markdown to put again',
    default: join(PROJECT_ROOT, 'docs'),
  },
  parts: { type: 'string', value: 'LIST', description: `of ${NAMES.join(',')} (default: all)` },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/reingest)' },
} as const satisfies OptionSpecs;

export const reingestSuite = defineSuite({
  name: 'reingest',
  summary: 'Count what is embedded when documents change a little, or come again.',
  arguments: '[options]',
  options,
  examples: ['npm run bench -- reingest', 'npm run bench -- reingest --documents DIR --parts section,again'],
  measure: ({ options: chosen, output }, seed) => {
    const parts = readParts(chosen.parts);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'reingest');
    return measureOnStack({ stateDir, output, breakableBindings: false }, async (stack, signal) => {
      const documents = readDocuments(chosen.documents);
      const world = { stack, documents, run: Date.now().toString(36), seed, output, signal };
      const steps: Step[] = [];
      for (const part of parts) steps.push(...(await PARTS[part](world)));
      return describeSteps(steps);
    });
  },
});

function readParts(list: string | null): PartName[] {
  if (list === null) return NAMES;
  return list.split(',').map((text) => {
    const name = text.trim();
    if (!isPart(name)) throw new UsageError(`--parts: '${name}' is none of ${NAMES.join(', ')}`);
    return name;
  });
}

function isPart(name: string): name is PartName {
  return name in PARTS;
}

function describeSteps(steps: Step[]): Measurement {
  return {
    promises: steps.map(promiseOf),
    profile: 'no added latency',
    table: [
      ['documents', 'embedding calls', 'chunks embedded'],
      ...steps.map(({ name, work }) => [name, String(work.calls), String(work.texts)]),
    ],
    raw: steps,
  };
}

function promiseOf({ name, work, allowed }: Step): Promised {
  if ('mostTexts' in allowed) {
    const { fewestTexts, mostTexts } = allowed;
    const holds = work.texts >= fewestTexts && work.texts <= mostTexts;
    return promised(name, work.texts, 'chunks embedded', `${fewestTexts} to ${mostTexts}`, holds);
  }
  return promised(name, work.calls, 'embedding calls', '= 0', work.calls === 0);
}
