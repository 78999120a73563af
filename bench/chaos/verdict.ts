import { type LatencySummary, summariseLatencies } from '../load/latency-summary.ts';
import type { LoadRecord } from '../load/open-loop.ts';
import type { Answered, Reply } from '../load/timed-answer.ts';
import { type Cell, isHard } from './cells.ts';
import { stepOfStore } from './expectation.ts';

export interface AskedQuestion {
  question: string;
  /** Never asked before since the caches were emptied. */
  isNew: boolean;
  isStream?: boolean;
  reply: Reply;
}

/** What the verdicts of a run have in common. */
export interface Bars {
  requestDeadlineMs: number;
  /** The names of the vector stores: each may be overtaken by another at any time. */
  storeNames: readonly string[];
  /** The first passage of each question's answer on a healthy day. */
  healthyTops: ReadonlyMap<string, string | null>;
}

export interface CellMeasurement {
  records: LoadRecord<AskedQuestion>[];
  callsMet: number;
  /** `null`: not within the time that was waited. */
  recoveryMs: number | null;
}

export interface CellVerdict extends LatencySummary {
  name: string;
  callsMet: number;
  asked: number;
  answered: number;
  /** 5xx, and every other response that is no answer. */
  failed: number;
  hung: number;
  /** Streams that told of a model that ended in the middle. */
  interrupted: number;
  /** Of the answers, those whose passages were looked for in the indexes. */
  searched: number;
  /** Of these, how many begin with the healthy passage. */
  sameTopShare: number;
  minSameTopShare: number;
  /** Answers that do not name a step they must have done without. */
  missingSteps: number;
  /** Answers that name a step of a dependency that was well. */
  collateral: number;
  collateralShare: number;
  degradedRightShare: number;
  /** Answers said to be served by what cannot have served them. */
  wronglyServed: number;
  recoveryMs: number | null;
  /** How often each `step REASON` was named, and each store and model served. */
  tallies: { degraded: Record<string, number>; servedBy: Record<string, number>; failures: Record<string, number> };
  /** In words, what the cell did not live up to. Empty when all is well. */
  broken: string[];
}

export const RECOVERY_BAR_MS = 10_000;
export const MAX_COLLATERAL_SHARE = 0.01;

/** Measures a cell's answers against what its faults allow. */
export function judgeCell(cell: Cell, { records, callsMet, recoveryMs }: CellMeasurement, bars: Bars): CellVerdict {
  const answers = records.flatMap(({ result }) =>
    result.reply.kind === 'answered' ? [{ ...result, ...result.reply }] : [],
  );
  const judged = answers.map((answer) => judgeAnswer(cell, answer, bars));
  // What was kept from a healthy moment says nothing of the indexes that are left.
  const searched = judged.filter(({ isSearched }) => isSearched);
  const shareOf = (count: number) => (answers.length === 0 ? 0 : count / answers.length);
  const countOf = (property: keyof AnswerVerdict) => judged.filter((answer) => answer[property]).length;
  const endedAs = (kind: Reply['kind']) => records.filter(({ result }) => result.reply.kind === kind).length;
  const [hung, interrupted] = [endedAs('hung'), endedAs('interrupted')];
  const verdict = {
    name: cell.name,
    callsMet,
    asked: records.length,
    answered: answers.length,
    failed: records.length - answers.length - hung - interrupted,
    hung,
    interrupted,
    ...summariseLatencies(records.flatMap(({ latencyMs, result }) => (result.isStream ? [] : [latencyMs]))),
    searched: searched.length,
    sameTopShare: shareWithSameTop(searched, answers.length),
    minSameTopShare: cell.expected.minSameTopShare,
    missingSteps: countOf('missesStep'),
    collateral: countOf('hasCollateral'),
    collateralShare: shareOf(countOf('hasCollateral')),
    degradedRightShare: shareOf(judged.filter((answer) => !answer.missesStep && !answer.hasCollateral).length),
    wronglyServed: countOf('isWronglyServed'),
    recoveryMs,
    tallies: {
      degraded: tally(answers.flatMap(({ degraded }) => degraded.map(({ step, reason }) => `${step} ${reason}`))),
      servedBy: tally(answers.flatMap(({ servedBy }) => [servedBy.retrieval, servedBy.generation ?? 'none'])),
      failures: tally(records.flatMap(({ result }) => describeFailure(result.reply))),
    },
  };
  return { ...verdict, broken: brokenBars(verdict, bars) };
}

function shareWithSameTop(searched: AnswerVerdict[], answered: number): number {
  if (searched.length === 0) return answered === 0 ? 0 : 1;
  return searched.filter(({ hasSameTop }) => hasSameTop).length / searched.length;
}

/** Nothing was missing; that one store overtook another is how hedging works. */
export function isClean(reply: Reply, storeNames: readonly string[]): boolean {
  return reply.kind === 'answered' && reply.degraded.every((entry) => isOvertaken(entry, storeNames));
}

interface AnswerVerdict {
  isSearched: boolean;
  hasSameTop: boolean;
  missesStep: boolean;
  hasCollateral: boolean;
  isWronglyServed: boolean;
}

function judgeAnswer(cell: Cell, answer: Answered & AskedQuestion, bars: Bars): AnswerVerdict {
  const { degraded, servedBy } = answer;
  const { allowed, cannotServe } = cell.expected;
  const steps = new Set(degraded.map(({ step }) => step));
  const mustName = isHard(cell.mode) ? requiredSteps(cell, answer) : [];
  const isSearched = wasSearched(answer);
  return {
    isSearched,
    hasSameTop: answer.topChunkId === bars.healthyTops.get(answer.question),
    missesStep: mustName.some((step) => !steps.has(step)),
    hasCollateral: degraded.some((entry) => !allowed.includes(entry.step) && !isOvertaken(entry, bars.storeNames)),
    isWronglyServed:
      isHard(cell.mode) &&
      ((isSearched && cannotServe.retrieval.includes(servedBy.retrieval)) ||
        (!isKept(answer) && cannotServe.generation.includes(servedBy.generation ?? ''))),
  };
}

function requiredSteps(cell: Cell, answer: Answered & AskedQuestion): string[] {
  const { caches, generation, retrieval, embedding } = cell.expected.required;
  if (isKept(answer)) return [];
  // A refusal asks no model.
  const ofMaking = answer.servedBy.generation === null ? caches : [...caches, ...generation];
  if (!wasSearched(answer)) return ofMaking;
  return [...ofMaking, ...retrieval, ...(answer.isNew ? embedding : [])];
}

/** Neither the answer nor what was found came from a cache. */
export function wasSearched(answer: Answered): boolean {
  const { search } = answer.cache;
  return !isKept(answer) && search !== 'exact' && search !== 'similar';
}

function isKept({ cache }: Answered): boolean {
  return cache.response === 'hit' || cache.response === 'stale';
}

function isOvertaken({ step, reason }: { step: string; reason: string }, storeNames: readonly string[]): boolean {
  return (reason === 'SLOW' || reason === 'PROBING') && storeNames.some((name) => step === stepOfStore(name));
}

function describeFailure(reply: Reply): string[] {
  if (reply.kind === 'failed') return [`${reply.status} ${reply.code ?? ''}`.trim()];
  return reply.kind === 'broken' ? [reply.message] : [];
}

function brokenBars(verdict: Omit<CellVerdict, 'broken'>, { requestDeadlineMs }: Bars): string[] {
  const { failed, hung, p99Ms, sameTopShare, minSameTopShare, missingSteps, wronglyServed, recoveryMs } = verdict;
  const broken = {
    'some requests failed': failed > 0,
    'some requests hung': hung > 0,
    'P99 exceeds the deadline': p99Ms >= requestDeadlineMs,
    'too few answers begin with the healthy passage': sameTopShare < minSameTopShare,
    'some answers do not name what they did without': missingSteps > 0,
    'too many answers name a dependency that was well': hasTooMuchCollateral(verdict),
    'some answers were served by what was down': wronglyServed > 0,
    'recovery took too long': recoveryMs === null || recoveryMs >= RECOVERY_BAR_MS,
  };
  return Object.entries(broken).flatMap(([name, isBroken]) => (isBroken ? [name] : []));
}

/** One answer is borne however few there are: a busy machine makes a call late now and then. */
export function hasTooMuchCollateral({
  collateral,
  collateralShare,
}: Pick<CellVerdict, 'collateral' | 'collateralShare'>): boolean {
  return collateral > 1 && collateralShare > MAX_COLLATERAL_SHARE;
}

function tally(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
