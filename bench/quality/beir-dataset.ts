import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { CommandFailure } from '../../scripts/command.ts';
import type { Grades } from './metrics.ts';

const corpusLine = z.object({ _id: z.string(), title: z.string().default(''), text: z.string() });
const queryLine = z.object({ _id: z.string(), text: z.string() });

export interface BeirDataset {
  name: string;
  /** `null` when it is kept elsewhere: only questions and judgements are here. */
  documents: z.infer<typeof corpusLine>[] | null;
  /** Those with at least one relevant document. */
  queries: { id: string; text: string; grades: Grades }[];
}

/** Reads a judged collection in BEIR layout (https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset). */
export function readBeirDataset(dir: string): BeirDataset {
  const grades = readJudgements(join(dir, 'qrels', 'test.tsv'));
  const queries = readJsonLines(join(dir, 'queries.jsonl'), queryLine).flatMap(({ _id, text }) => {
    const judged = grades.get(_id);
    return judged === undefined ? [] : [{ id: _id, text, grades: judged }];
  });
  if (queries.length === 0) throw new CommandFailure(`${dir}: no query has a relevant document in qrels/test.tsv`);
  const corpus = join(dir, 'corpus.jsonl');
  const documents = existsSync(corpus) ? readJsonLines(corpus, corpusLine) : null;
  return { name: basename(resolve(dir)), documents, queries };
}

function readJudgements(path: string): Map<string, Map<string, number>> {
  const judgements = new Map<string, Map<string, number>>();
  // The first line names the columns.
  for (const line of readLines(path).slice(1)) {
    const [queryId, documentId, score] = line.split('\t');
    const grade = Number(score);
    if (queryId === undefined || documentId === undefined || !Number.isFinite(grade)) {
      throw new CommandFailure(`${path}: '${line}' is not query-id, corpus-id and score between tabs`);
    }
    if (grade <= 0) continue;
    const judged = judgements.get(queryId) ?? new Map<string, number>();
    judgements.set(queryId, judged.set(documentId, grade));
  }
  return judgements;
}

function readJsonLines<T>(path: string, schema: z.ZodType<T>): T[] {
  return readLines(path).map((line, index) => {
    const parsed = schema.safeParse(parseJson(line));
    if (parsed.success) return parsed.data;
    throw new CommandFailure(`${path}, line ${index + 1}: ${z.prettifyError(parsed.error)}`);
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function readLines(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(
      `${path} is not readable; a BEIR dataset has queries.jsonl and qrels/test.tsv, and corpus.jsonl beside them or a folder elsewhere`,
    );
  }
  return text.split(/\r?\n/).filter((line) => line !== '');
}
