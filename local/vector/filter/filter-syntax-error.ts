/** A filter the grammar refuses. The message carries the position the way Upstash prints it: `At line 1:24 …`. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';

  constructor(source: string, offset: number, problem: string) {
    const linesBefore = source.slice(0, offset).split('\n');
    const column = linesBefore.at(-1)?.length ?? 0;
    super(`At line ${linesBefore.length}:${column} ${problem}`);
  }
}
