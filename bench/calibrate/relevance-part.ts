import { join } from 'node:path';
import type { Connection } from '../../scripts/api-client.ts';
import { CommandFailure, type OptionSpecs } from '../../scripts/command.ts';
import { CONNECTION_OPTIONS, resolveConnection } from '../../scripts/connection.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import type { EmbeddingModel } from '../../src/models/embedder.ts';
import { embeddingFingerprint } from '../../src/models/embedding-fingerprint.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import { answerSchema } from '../../src/query/answer.ts';
import { type RelevanceCalibration, relevanceFeatures, relevanceOf } from '../../src/query/relevance.ts';
import { relevanceCalibration } from '../../src/query/relevance-floors.ts';
import { KINDS, type Kind, type LabelledQuestion, readLabelledQuestions } from '../answers/labelled-questions.ts';
import { type Measurement, promised } from '../report.ts';
import { measureOnStack } from '../stack/bench-stack.ts';
import { type Document, namespaceFor, putDocuments, readDocuments } from '../stack/collection.ts';
import { requestFor } from '../stack/requests.ts';
import { crossValidate, FEATURES, fitRelevance, type JudgedQuestion } from './fit-relevance.ts';

const OWN_QUESTIONS = join(import.meta.dirname, '..', 'answers', 'hono-docs.jsonl');
const LOCAL_MODEL = 'local/all-MiniLM-L6-v2';
const QUESTIONS_AT_ONCE = 2;
/** Of the answerable questions that are tuned on; others may have a few more. */
const MOST_REFUSED = 0.03;

export const RELEVANCE_OPTIONS = {
  documents: { type: 'string', value: 'DIR', description: 'measure the relevance floor, on these documents' },
  questions: {
    type: 'string',
    value: 'FILE',
    description: 'labelled questions about them, as for `bench -- answers` (default: those in bench/answers)',
  },
  url: { ...CONNECTION_OPTIONS.url, description: 'a Vigil to measure it on (default: a local stack of its own)' },
  key: { ...CONNECTION_OPTIONS.key, description: 'its API key (default: $VIGIL_KEY)' },
  model: { type: 'string', value: 'NAME', description: 'its EMBEDDING_MODEL', default: LOCAL_MODEL },
} as const satisfies OptionSpecs;

interface RelevanceChoice {
  questions: string | null;
  url: string | null;
  key: string | null;
  model: string;
}

/** Weights and floor as they belong into `src/query/relevance-floors.ts`, of the tuning half of the questions. */
export async function measureRelevance(choice: RelevanceChoice, dir: string, output: Output): Promise<Measurement> {
  const model = embeddingModelNamed(choice.model);
  if (model === null) throw new CommandFailure(`${choice.model} is not a model Vigil knows`);
  const documents = readDocuments(dir);
  const questions = readLabelledQuestions(choice.questions ?? OWN_QUESTIONS).filter(({ half }) => half === 'tuning');
  const ask = (vigil: Connection, signal: AbortSignal) => judgeAll({ vigil, documents, questions, output, signal });
  const judged =
    choice.url === null
      ? await measureOnStack({ stateDir: join(PROJECT_ROOT, '.vigil', 'answers'), output }, ask)
      : await ask(resolveConnection({ ...choice, port: null, state: null }), new AbortController().signal);
  return report(model, judged);
}

interface Asking {
  vigil: Connection;
  documents: Document[];
  questions: LabelledQuestion[];
  output: Output;
  signal: AbortSignal;
}

async function judgeAll({ vigil, documents, questions, output, signal }: Asking): Promise<JudgedQuestion[]> {
  const namespace = namespaceFor('answers', documents);
  await putDocuments(vigil, namespace, documents, { output, signal });
  const progress = output.progress('asking    ', questions.length);
  const judged: JudgedQuestion[] = [];
  let asked = 0;
  await forEachConcurrently(questions, QUESTIONS_AT_ONCE, async ({ id, kind, question }) => {
    const body = { question, generation: 'none', cache: 'no-store' };
    const { json } = await requestFor([200], vigil, 'POST', `${namespace}/answer`, { body, signal });
    const { cosine, ...others } = relevanceFeatures(question, answerSchema.parse(json).passages);
    if (cosine !== null) judged.push({ id, kind, features: { cosine, ...others } });
    asked += 1;
    progress.update(asked);
  });
  progress.end();
  // The order in which answers came must not decide who is in which fold.
  return judged.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function report(model: EmbeddingModel, judged: JudgedQuestion[]): Measurement {
  const fingerprint = embeddingFingerprint(model);
  const fitted = fitRelevance(judged, MOST_REFUSED);
  const unseen = crossValidate(judged, MOST_REFUSED);
  const inUse = relevanceCalibration(model);
  const total = (kind: Kind) => judged.filter((question) => question.kind === kind).length;
  const refusedBy = ({ floor, weights }: RelevanceCalibration, kind: Kind) =>
    judged.filter((each) => each.kind === kind && (relevanceOf(each.features, weights) ?? 0) < floor).length;
  const share = (kind: Kind, count: number) => `${((100 * count) / (total(kind) || 1)).toFixed(1)} % of ${total(kind)}`;
  return {
    promises: [
      promised(
        'floor and weights, against those in use: floor',
        fitted.floor,
        '',
        `= ${inUse?.floor ?? 'none'}`,
        isIn(inUse, fitted),
      ),
    ],
    profile: fingerprint,
    table: [
      [`${fingerprint}: refused`, 'fitted', 'fitted without them', 'in use'],
      ...KINDS.map((kind) => [
        kind,
        share(kind, refusedBy(fitted, kind)),
        share(kind, unseen[kind]),
        inUse === null ? '–' : share(kind, refusedBy(inUse, kind)),
      ]),
      ['floor', String(fitted.floor), '', String(inUse?.floor ?? '–')],
      ...FEATURES.map((feature) => [
        `weights.${feature}`,
        String(fitted.weights[feature]),
        '',
        String(inUse?.weights[feature] ?? '–'),
      ]),
    ],
    raw: { fingerprint, ...fitted, unseen, inUse, judged },
  };
}

function isIn(inUse: RelevanceCalibration | null, { floor, weights }: RelevanceCalibration): boolean {
  return inUse?.floor === floor && JSON.stringify(inUse.weights) === JSON.stringify(weights);
}
