import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { CommandFailure } from '../../scripts/command.ts';

export const KINDS = ['answerable', 'off-domain', 'near-domain'] as const;
export type Kind = (typeof KINDS)[number];

/** A question, and the documents that answer it: any one of them will do, and none does for the unanswerable kinds. */
export interface LabelledQuestion {
  id: string;
  question: string;
  kind: Kind;
  documents: string[];
  /** Of those that were written together, in one manner; `''` where it does not say. */
  set: string;
  /** What was tuned on it says nothing of it. */
  half: 'tuning' | 'held-out';
}

const common = {
  id: z.string(),
  question: z.string(),
  set: z.string().default(''),
  half: z.enum(['tuning', 'held-out']).optional(),
};
const line = z.union([
  z
    .strictObject({ ...common, documents: z.array(z.string()).min(1) })
    .transform((each) => ({ ...each, kind: 'answerable' as const })),
  z
    .strictObject({ ...common, kind: z.enum(['off-domain', 'near-domain']) })
    .transform((each) => ({ ...each, documents: [] })),
]);

/** One question a line. Where it does not say its half, a hash of its id does: it stays in it for good. */
export function readLabelledQuestions(file: string): LabelledQuestion[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const questions = lines.flatMap((text, index) => {
    if (text.trim() === '') return [];
    const parsed = line.safeParse(parseLine(text));
    if (!parsed.success) throw new CommandFailure(`${file}:${index + 1} is not a labelled question`);
    return [{ ...parsed.data, half: parsed.data.half ?? halfOf(parsed.data.id) }];
  });
  if (new Set(questions.map(({ id }) => id)).size < questions.length) {
    throw new CommandFailure(`${file} has two questions with one id`);
  }
  return questions;
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function halfOf(id: string): LabelledQuestion['half'] {
  return (createHash('sha256').update(id).digest()[0] ?? 0) % 2 === 0 ? 'tuning' : 'held-out';
}
