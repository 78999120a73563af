import { describe, expect, it } from 'vitest';
import type { FaultMode } from '../../local/faults/fault.ts';
import type { LoadRecord } from '../load/open-loop.ts';
import type { Answered, Reply } from '../load/timed-answer.ts';
import { cellPromises } from './cell-promises.ts';
import type { Cell } from './cells.ts';
import { expectationFor } from './expectation.ts';
import { type AskedQuestion, type Bars, isClean, judgeCell } from './verdict.ts';

const deployment = {
  stores: [
    { name: 'vectorize', faultTarget: 'vectorize:primary' },
    { name: 'upstash', faultTarget: 'vector' },
  ],
  generators: ['small'],
  requestDeadlineMs: 12_000,
  generationIdleMs: 5_000,
};
const bars: Bars = {
  requestDeadlineMs: 12_000,
  storeNames: ['vectorize', 'upstash'],
  healthyTops: new Map([['why', 'chunk-1']]),
};

function aCell(targets: string[], mode: FaultMode): Cell {
  return {
    name: `${targets}/${mode}`,
    targets,
    mode,
    alsoStreams: false,
    expected: expectationFor(targets, deployment),
  };
}

function anAnswer(changes: Partial<Answered> = {}): Answered {
  return {
    kind: 'answered',
    text: 'Because.',
    topChunkId: 'chunk-1',
    servedBy: { retrieval: 'upstash', generation: 'small' },
    degraded: [],
    cache: { response: 'miss', search: 'miss', embedding: 'hit' },
    retrievalMs: 50,
    ...changes,
  };
}

function records(reply: Reply, count: number, changes: Partial<AskedQuestion> = {}): LoadRecord<AskedQuestion>[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    scheduledMs: index * 50,
    latencyMs: 100,
    result: { question: 'why', isNew: false, reply, ...changes },
  }));
}

function judge(cell: Cell, ...all: LoadRecord<AskedQuestion>[][]) {
  return judgeCell(cell, { records: all.flat(), callsMet: 7, recoveryMs: 1_000 }, bars);
}

const failed = { step: 'retrieval:vectorize', reason: 'TIMEOUT' };
const overtaken = { step: 'retrieval:vectorize', reason: 'SLOW' };
const refusal = anAnswer({ servedBy: { retrieval: 'vectorize', generation: null } });
const hung = aCell(['vectorize'], 'hang');

describe('a cell', () => {
  it('lets a stream end by saying that the model broke off, and no answer be that model’s', () => {
    const brokenOff = aCell(['ai/generate'], 'interrupted');
    const step = { step: 'generation:small', reason: 'INTERRUPTED' };
    const extractive = anAnswer({ servedBy: { retrieval: 'vectorize', generation: 'extractive' }, degraded: [step] });
    const told: Reply = { kind: 'interrupted' };
    expect(judge(brokenOff, records(extractive, 5), records(told, 5))).toMatchObject({
      ...{ answered: 5, interrupted: 5, failed: 0, broken: [] },
    });
    expect(judge(brokenOff, records(anAnswer(), 5))).toMatchObject({ missingSteps: 5, wronglyServed: 5 });
    const cutOff: Reply = { kind: 'broken', message: 'the stream has no last event' };
    expect(judge(brokenOff, records(extractive, 5), records(cutOff, 1)).broken).toEqual(['some requests failed']);
  });

  it('does not ask a kept answer, nor kept results, to name what was not needed', () => {
    const everything = aCell(['vectorize', 'vector', 'd1', 'ai'], 'error');
    const kept = anAnswer({ cache: { response: 'hit', search: 'bypass', embedding: 'bypass' } });
    const found = anAnswer({
      cache: { response: 'miss', search: 'exact', embedding: 'bypass' },
      degraded: [{ step: 'generation:small', reason: '3040' }],
      servedBy: { retrieval: 'vectorize', generation: 'extractive' },
    });
    expect(judge(everything, records(kept, 5), records(found, 5))).toMatchObject({ missingSteps: 0, wronglyServed: 0 });
    expect(judge(everything, records({ ...found, degraded: [] }, 1)).missingSteps).toBe(1);
  });

  it('is well when every answer names what it did without', () => {
    const verdict = judge(hung, records(anAnswer({ degraded: [failed] }), 50));
    expect(verdict).toMatchObject({ asked: 50, answered: 50, sameTopShare: 1, degradedRightShare: 1, broken: [] });
    expect(verdict.tallies.degraded).toEqual({ 'retrieval:vectorize TIMEOUT': 50 });
    expect(judge(hung, records(anAnswer({ degraded: [overtaken] }), 50)).broken).toEqual([]);
  });

  it('holds whole answers to the deadline, not a stream, whose model may fall silent after it has begun', () => {
    const late = records({ kind: 'interrupted' }, 5, { isStream: true }).map((one) => ({ ...one, latencyMs: 14_000 }));
    expect(judge(aCell(['ai/generate'], 'stalled'), records(refusal, 5), late)).toMatchObject({
      p99Ms: 100,
      broken: [],
    });
  });

  it('does not ask an answer that needed no model to name one', () => {
    const brokenOff = aCell(['ai/generate'], 'interrupted');
    expect(judge(brokenOff, records(refusal, 5)).broken).toEqual([]);
  });

  it('is broken by one answer that keeps it to itself, unless only some calls fail', () => {
    const silent = records(anAnswer(), 1);
    const named = records(anAnswer({ degraded: [failed] }), 200);
    expect(judge(hung, named, silent).broken).toEqual(['some answers do not name what they did without']);
    expect(judge(aCell(['vectorize'], 'flapping'), named, silent).broken).toEqual([]);
  });

  it('asks new questions alone for the embedding', () => {
    const cell = aCell(['ai/embed'], 'error');
    expect(judge(cell, records(anAnswer(), 10)).broken).toEqual([]);
    expect(judge(cell, records(anAnswer(), 10, { isNew: true })).missingSteps).toBe(10);
  });

  it('bears one answer in a hundred that names what was well, and any that was overtaken', () => {
    const collateral = records(anAnswer({ degraded: [failed, { step: 'liveness', reason: 'TIMEOUT' }] }), 1);
    const named = (count: number) => records(anAnswer({ degraded: [failed] }), count);
    expect(judge(hung, named(99), collateral).broken).toEqual([]);
    expect(judge(hung, named(20), collateral).broken).toEqual([]);
    expect(judge(hung, named(198), collateral, collateral).broken).toEqual([]);
    expect(judge(hung, named(20), collateral, collateral).broken).toEqual([
      'too many answers name a dependency that was well',
    ]);
    expect(judge(aCell(['redis'], 'slow'), records(anAnswer({ degraded: [overtaken] }), 9)).broken).toEqual([]);
  });

  it('is broken by answers served by what is down', () => {
    const served = anAnswer({ degraded: [failed], servedBy: { retrieval: 'vectorize', generation: 'small' } });
    expect(judge(hung, records(served, 5))).toMatchObject({ wronglyServed: 5 });
    expect(judge(aCell(['vectorize'], 'slow'), records(served, 5))).toMatchObject({ wronglyServed: 0, broken: [] });
  });

  it('is broken by requests that fail, hang, or take longer than the deadline', () => {
    const fine = records(anAnswer({ degraded: [failed] }), 100);
    const refused = records({ kind: 'failed', status: 503, code: 'X', detail: null, retryAfterSeconds: 1 }, 1);
    const verdict = judge(
      hung,
      fine,
      refused,
      records({ kind: 'hung' }, 2),
      records({ kind: 'broken', message: 'b' }, 1),
    );
    expect(verdict).toMatchObject({ failed: 2, hung: 2, tallies: { failures: { '503 X': 1, b: 1 } } });
    expect(verdict.broken).toEqual(['some requests failed', 'some requests hung']);
    const late = fine.map((record) => ({ ...record, latencyMs: 12_000 }));
    expect(judge(hung, late).broken).toEqual(['P99 exceeds the deadline']);
  });

  it('is broken by other first passages, by no answers at all, and by a recovery that does not come', () => {
    const other = records(anAnswer({ degraded: [failed], topChunkId: 'chunk-2' }), 2);
    const named = records(anAnswer({ degraded: [failed] }), 98);
    expect(judge(hung, named, other).broken).toEqual(['too few answers begin with the healthy passage']);
    expect(judge(hung).broken).toEqual(['too few answers begin with the healthy passage']);
    const never = judgeCell(hung, { records: named, callsMet: 7, recoveryMs: null }, bars);
    expect(never.broken).toEqual(['recovery took too long']);
  });
});

it('a clean answer names nothing but stores that were overtaken', () => {
  expect(isClean(anAnswer({ degraded: [overtaken] }), bars.storeNames)).toBe(true);
  expect(isClean(anAnswer({ degraded: [{ step: 'liveness', reason: 'SLOW' }] }), bars.storeNames)).toBe(false);
  expect(isClean(anAnswer({ degraded: [failed] }), bars.storeNames)).toBe(false);
  expect(isClean({ kind: 'hung' }, bars.storeNames)).toBe(false);
});

describe('the promises of all cells', () => {
  const good = judge(hung, records(anAnswer({ degraded: [failed] }), 50));

  it('hold when every cell is well', () => {
    const promises = cellPromises([good, good], bars.requestDeadlineMs);
    expect(promises.filter(({ holds }) => !holds)).toEqual([]);
    expect(cellPromises([], bars.requestDeadlineMs)).toEqual([]);
  });

  it('name the worst cell', () => {
    const bad = judge(aCell(['redis'], 'error'), records({ kind: 'hung' }, 3));
    const broken = cellPromises([good, bad, good], bars.requestDeadlineMs).filter(({ holds }) => !holds);
    expect(broken.map(({ name, measured }) => [name, measured])).toEqual([
      ['requests left hanging (worst: redis/error)', 3],
      ['same first passage as on a healthy day, 3 cells (worst: redis/error)', 0],
    ]);
  });
});
