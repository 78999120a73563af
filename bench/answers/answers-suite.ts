import { join } from 'node:path';
import { CommandFailure, type OptionSpecs, UsageError } from '../../scripts/command.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import { relevanceCalibration } from '../../src/query/relevance-floors.ts';
import type { Measurement } from '../report.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { type Document, namespaceFor, putDocuments, readDocuments } from '../stack/collection.ts';
import { requestFor } from '../stack/requests.ts';
import { defineSuite } from '../suite.ts';
import { measureExtraction } from './extraction-time.ts';
import { type LabelledQuestion, readLabelledQuestions } from './labelled-questions.ts';
import { type MeasuredAnswer, measureAnswer } from './measured-answer.ts';
import { answerPromises, percent, type Share, type Summary, summarise } from './summary.ts';

const MODEL = 'local/all-MiniLM-L6-v2';
const QUESTIONS_AT_ONCE = 2;
const GENERATIONS = ['auto', 'extractive'];

const options = {
  dataset: { type: 'string', value: 'DIR', description: 'the documents' },
  questions: {
    type: 'string',
    value: 'FILE',
    description: '{"id", "question", "documents"} or {"id", "question", "kind": "off-domain" | "near-domain"} a line',
  },
  generation: { type: 'string', value: 'MODE', description: 'auto or extractive', default: 'auto' },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/answers)' },
} as const satisfies OptionSpecs;

export const answersSuite = defineSuite({
  name: 'answers',
  summary: `Measure citations and refusals on labelled questions, on a stack of the suite's own.`,
  arguments: '--dataset DIR --questions FILE [options]',
  options,
  examples: ['npm run bench -- answers --dataset ../datasets/hono-docs --questions bench/answers/hono-docs.jsonl'],
  measure: async ({ options: chosen, output }) => {
    if (chosen.dataset === null || chosen.questions === null)
      throw new UsageError('--dataset and --questions are needed');
    if (!GENERATIONS.includes(chosen.generation)) throw new UsageError('--generation is auto or extractive');
    const documents = readDocuments(chosen.dataset);
    const questions = readLabelledQuestions(chosen.questions);
    checkLabels(questions, documents);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'answers');
    const answers = await measureOnStack({ stateDir, output }, (stack, signal) =>
      askAll({ stack, documents, questions, generation: chosen.generation, output, signal }),
    );
    return report(answers);
  },
});

function checkLabels(questions: LabelledQuestion[], documents: Document[]): void {
  const ids = new Set(documents.map(({ id }) => id));
  const unknown = questions.flatMap((question) => question.documents).find((id) => !ids.has(id));
  if (unknown !== undefined) throw new CommandFailure(`${unknown} is not among the documents`);
}

interface Asking {
  stack: BenchStack;
  documents: Document[];
  questions: LabelledQuestion[];
  generation: string;
  output: Output;
  signal: AbortSignal;
}

async function askAll({ stack, documents, questions, generation, output, signal }: Asking): Promise<MeasuredAnswer[]> {
  const namespace = namespaceFor('answers', documents);
  await putDocuments(stack, namespace, documents, { output, signal });
  // Markdown is stored as it is.
  const texts = new Map(documents.map(({ id, body }) => [id, body.toString()]));
  const progress = output.progress('asking    ', questions.length);
  const answers: MeasuredAnswer[] = [];
  await forEachConcurrently(questions, QUESTIONS_AT_ONCE, async (labelled) => {
    const body = { question: labelled.question, generation, cache: 'no-store' };
    const { json } = await requestFor([200], stack, 'POST', `${namespace}/answer`, { body, signal });
    answers.push(measureAnswer(labelled, json, (id) => texts.get(id)));
    progress.update(answers.length);
  });
  progress.end();
  return answers.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function report(answers: MeasuredAnswer[]): Measurement {
  const tuning = summarise(answers, 'tuning');
  const heldOut = summarise(answers, 'held-out');
  const extraction = measureExtraction();
  const model = embeddingModelNamed(MODEL);
  const floor = model === null ? null : (relevanceCalibration(model)?.floor ?? null);
  const row = (name: string, shareOf: (summary: Summary) => Share) => [
    name,
    ...[tuning, heldOut].map((summary) => `${percent(shareOf(summary)).toFixed(1)} % of ${shareOf(summary).of}`),
  ];
  return {
    promises: [...answerPromises(heldOut), extraction.promise],
    profile: `${MODEL}, relevance floor ${floor}`,
    table: [
      ['', 'tuning half', 'held-out half'],
      row('refused: off-domain', ({ refused }) => refused['off-domain']),
      row('refused: near-domain', ({ refused }) => refused['near-domain']),
      row('refused: answerable', ({ refused }) => refused.answerable),
      row('first citation right', ({ firstRight }) => firstRight),
      row('right among the first three', ({ rightAmongThree }) => rightAmongThree),
      row('sentences flagged as unsupported', ({ unsupportedSentences }) => unsupportedSentences),
      ['quotes elsewhere', String(tuning.wrongQuotes), String(heldOut.wrongQuotes)],
    ],
    raw: { floor, tuning, heldOut, extractionMs: extraction.medianMs, answers },
  };
}
