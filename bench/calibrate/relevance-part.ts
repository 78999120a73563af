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
import { type RelevanceCalibration, relevanceFeatures } from '../../src/query/relevance.ts';
import { relevanceCalibration } from '../../src/query/relevance-floors.ts';
import { KINDS, type LabelledQuestion, readLabelledQuestions } from '../answers/labelled-questions.ts';
import { type Measurement, promised } from '../report.ts';
import { measureOnStack } from '../stack/bench-stack.ts';
import { type Document, namespaceFor, putDocuments, readDocuments } from '../stack/collection.ts';
import { requestFor } from '../stack/requests.ts';
import { fitRelevance, isRefused, type JudgedQuestion, refusedUnseen, TERMS } from './fit-relevance.ts';

const OWN_QUESTIONS = join(import.meta.dirname, '..', 'answers', 'hono-docs.jsonl');
const LOCAL_MODEL = 'local/all-MiniLM-L6-v2';
const QUESTIONS_AT_ONCE = 2;
/** Of the answerable questions that are tuned on, each set counting the same; others may have a few more. */
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
  await forEachConcurrently(questions, QUESTIONS_AT_ONCE, async ({ id, kind, set, question }) => {
    const body = { question, generation: 'none', cache: 'no-store' };
    const { json } = await requestFor([200], vigil, 'POST', `${namespace}/answer`, { body, signal });
    const { cosine, ...others } = relevanceFeatures(question, answerSchema.parse(json).passages);
    if (cosine !== null) judged.push({ id, kind, set, features: { cosine, ...others } });
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
  const unseen = refusedUnseen(judged, MOST_REFUSED);
  const inUse = relevanceCalibration(model);
  const groups = groupsOf(judged);
  const refusedBy = (calibration: RelevanceCalibration) =>
    judged.filter((question) => isRefused(question, calibration));
  const refused = { fitted: refusedBy(fitted), inUse: inUse && refusedBy(inUse) };
  return {
    promises: [
      promised(
        'floor and weights, against those in use: floor',
        fitted.floor,
        '',
        `= ${inUse?.floor ?? 'none'}`,
        isEqual(inUse, fitted),
      ),
    ],
    profile: fingerprint,
    table: [
      [
        `${fingerprint}: refused`,
        'fitted',
        groups.isBySet ? 'fitted without their set' : 'fitted without them',
        'in use',
      ],
      ...groups.all.map(({ name, isIn }) => [
        name,
        shareOf(refused.fitted, judged, isIn),
        shareOf(unseen, judged, isIn),
        refused.inUse === null ? '–' : shareOf(refused.inUse, judged, isIn),
      ]),
      ['floor', String(fitted.floor), '', String(inUse?.floor ?? '–')],
      ['lowCosine', String(fitted.lowCosine), '', String(inUse?.lowCosine ?? '–')],
      ...TERMS.map((term) => [
        `weights.${term}`,
        String(fitted.weights[term]),
        '',
        String(inUse?.weights[term] ?? '–'),
      ]),
    ],
    raw: { fingerprint, ...fitted, unseen: unseen.map(({ id }) => id), inUse, judged },
  };
}

interface Group {
  name: string;
  isIn(question: JudgedQuestion): boolean;
}

/** Each kind, and each kind of each set where there are several. */
function groupsOf(judged: readonly JudgedQuestion[]): { all: Group[]; isBySet: boolean } {
  const sets = [...new Set(judged.map(({ set }) => set))].sort();
  const isBySet = sets.length > 1;
  const all = KINDS.flatMap((kind): Group[] => [
    { name: kind, isIn: (question) => question.kind === kind },
    ...(isBySet ? sets : []).map((set) => ({
      name: `  of set ${set}`,
      isIn: (question: JudgedQuestion) => question.kind === kind && question.set === set,
    })),
  ]);
  return { all, isBySet };
}

function shareOf(refused: readonly JudgedQuestion[], judged: readonly JudgedQuestion[], isIn: Group['isIn']): string {
  const of = judged.filter(isIn).length;
  return `${((100 * refused.filter(isIn).length) / (of || 1)).toFixed(1)} % of ${of}`;
}

function isEqual(inUse: RelevanceCalibration | null, { floor, lowCosine, weights }: RelevanceCalibration): boolean {
  if (inUse === null || inUse.floor !== floor || inUse.lowCosine !== lowCosine) return false;
  return TERMS.every((term) => inUse.weights[term] === weights[term]);
}
