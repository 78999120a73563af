import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DocumentRecord } from '../catalog/document-record.ts';
import { EMBEDDING_MODELS } from '../models/embedding-models.ts';
import { encodeChunkMetadata } from '../retrieval/chunk-metadata.ts';
import { fingerprintOf } from '../retrieval/fingerprint.ts';
import { chunkDocument } from './chunk-document.ts';
import { chunkLimitsFor, DEFAULT_CHUNKING } from './chunk-size.ts';
import { chunkerTag } from './chunker-version.ts';
import { jsonBytes } from './json-bytes.ts';
import { MAX_LEAD_LENGTH, textRoom } from './text-room.ts';

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

function aRecord(parts: Pick<DocumentRecord, 'documentId' | 'title' | 'url'>): DocumentRecord {
  return {
    namespace: 'n'.repeat(64),
    version: 1_800_000_000_000,
    metadata: {
      a: 'x'.repeat(1_000),
      b: 'x'.repeat(1_000),
      c: 'x'.repeat(2_048 - 2_000 - bytesOf({ a: '', b: '', c: '' })),
    },
    liveVersion: null,
    state: 'processing',
    stage: 'chunking',
    chunksDone: 0,
    chunksTotal: 0,
    attempts: 1,
    interruptions: 0,
    errorCode: null,
    errorMessage: null,
    nextRetryAtMs: null,
    leaseToken: null,
    leaseUntilMs: null,
    createdAtMs: 0,
    updatedAtMs: 0,
    objectKey: 'key',
    identityHash: '',
    contentHash: '',
    contentType: 'text/markdown',
    contentBytes: 1,
    sourceUrl: null,
    fingerprint: null,
    olderVersions: 0,
    holdings: [],
    ...parts,
  };
}

const ascii = aRecord({
  documentId: 'd'.repeat(512),
  title: 't'.repeat(300),
  url: `https://example.com/${'u'.repeat(980)}`,
});
const worst = aRecord({
  documentId: '"'.repeat(512),
  title: `t${'\u0001'.repeat(298)}t`,
  url: `https://example.com/${'漢'.repeat(980)}`,
});

const fillings: [string, string][] = [
  ['control characters', 'x\u0001\u0002\u0003\u0004\u0005'.repeat(5_000)],
  ['wide spaces', `語${'\u3000'.repeat(40)}`.repeat(500)],
  ['ideographs', '漢'.repeat(20_000)],
  ['quotes', '" \\\\ x '.repeat(5_000)],
  ['emoji', '🔥x'.repeat(5_000)],
];
const headings = Array.from({ length: 6 }, (_, n) => `${'#'.repeat(n + 1)} h${'\u0001漢"'.repeat(60)}`).join('\n\n');

it.each(
  EMBEDDING_MODELS.flatMap((model) =>
    fillings.flatMap(([name, text]) => [
      { model, name, text, record: ascii, kind: 'ASCII' },
      { model, name, text, record: worst, kind: 'the worst' },
    ]),
  ),
)('a passage of $name under the longest of $kind fits beside a vector, for $model.name', ({ model, text, record }) => {
  const fingerprint = fingerprintOf(model, chunkerTag(DEFAULT_CHUNKING));
  const limits = chunkLimitsFor(model, DEFAULT_CHUNKING, textRoom(record, fingerprint));
  const { namespace, documentId, version, title, url, metadata } = record;
  const described = {
    lead: '\v'.repeat(MAX_LEAD_LENGTH),
    chunkId: 'id',
    namespace,
    documentId,
    version,
    title,
    url,
    metadata,
  };
  let n = 0;
  for (const contentType of ['text/markdown', 'text/plain'] as const) {
    for (const { chunks } of chunkDocument(`${headings}\n\n${text}`, contentType, limits)) {
      for (const chunk of chunks) {
        const metadata = encodeChunkMetadata({ ...described, n, ...chunk }, fingerprint);
        expect(bytesOf(metadata)).toBeLessThanOrEqual(10_240);
        n += 1;
      }
    }
  }
  expect(n).toBeGreaterThan(5);
});

it('takes nothing from the chunks of a usual document', () => {
  const usual = {
    ...aRecord({ documentId: 'guides/start.md', title: 'Start', url: null }),
    metadata: { team: 'docs' },
  };
  for (const model of EMBEDDING_MODELS) {
    const room = textRoom(usual, fingerprintOf(model, chunkerTag(DEFAULT_CHUNKING)));
    expect(chunkLimitsFor(model, DEFAULT_CHUNKING, room).maxSize).toBe(Math.floor(model.maxInputTokens * 0.85));
  }
});

it('knows what any text takes as JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (binary, text) => {
      for (const each of [binary, text]) expect(jsonBytes(each)).toBe(bytesOf(each) - 2);
    }),
  );
  expect(jsonBytes('\ud83d')).toBe(6);
});
