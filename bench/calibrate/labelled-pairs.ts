import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { CommandFailure } from '../../scripts/command.ts';

const pairSchema = z.object({
  a: z.string().min(1),
  b: z.string().min(1),
  /** Whether whoever asks one is served by what was found for the other. */
  match: z.boolean(),
  /** What the two differ in, `paraphrase` when in nothing: one row of the report. */
  kind: z.string().min(1),
  /** Written after everything was tuned, and looked at once. */
  split: z.literal('fresh').optional(),
});

export type LabelledPair = z.infer<typeof pairSchema>;

/** Reads a file of one labelled pair of questions a line. */
export function readLabelledPairs(path: string): LabelledPair[] {
  const lines = readText(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    const parsed = pairSchema.safeParse(parseJson(line));
    if (parsed.success) return parsed.data;
    throw new CommandFailure(`${path}, line ${index + 1}: ${z.prettifyError(parsed.error)}`);
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure(`${path} is not readable; it has a line {"a", "b", "match", "kind"} for each pair`);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
