type Token =
  | { kind: 'any-run' }
  | { kind: 'any-one' }
  | { kind: 'literal'; char: string }
  | { kind: 'class'; negated: boolean; ranges: readonly (readonly [string, string])[] };

/** A matcher for Redis's glob style: `*`, `?`, `[a-z]`, `[^a]` and backslash escapes, case-sensitive, whole text. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const tokens = tokenize(Array.from(pattern));
  return (text) => matchTokens(tokens, Array.from(text));
}

/** Backtracks to the latest `*` only, so that a hostile pattern stays quadratic. */
function matchTokens(tokens: readonly Token[], chars: readonly string[]): boolean {
  let position = 0;
  let tokenIndex = 0;
  let retry: { tokenIndex: number; position: number } | null = null;
  for (let char = chars[position]; char !== undefined; char = chars[position]) {
    const token = tokens[tokenIndex];
    if (token?.kind === 'any-run') {
      tokenIndex += 1;
      retry = { tokenIndex, position };
    } else if (token !== undefined && accepts(token, char)) {
      tokenIndex += 1;
      position += 1;
    } else if (retry !== null) {
      retry = { tokenIndex: retry.tokenIndex, position: retry.position + 1 };
      ({ tokenIndex, position } = retry);
    } else {
      return false;
    }
  }
  return tokens.slice(tokenIndex).every((token) => token.kind === 'any-run');
}

function accepts(token: Exclude<Token, { kind: 'any-run' }>, char: string): boolean {
  switch (token.kind) {
    case 'any-one':
      return true;
    case 'literal':
      return token.char === char;
    case 'class':
      return token.ranges.some(([low, high]) => low <= char && char <= high) !== token.negated;
  }
}

function tokenize(pattern: readonly string[]): Token[] {
  const tokens: Token[] = [];
  let index = 0;
  for (let char = pattern[index]; char !== undefined; char = pattern[index]) {
    if (char === '[') {
      const { token, next } = readClass(pattern, index + 1);
      tokens.push(token);
      index = next;
      continue;
    }
    const escaped = char === '\\' ? pattern[index + 1] : undefined;
    if (escaped !== undefined) tokens.push({ kind: 'literal', char: escaped });
    else if (char === '*') tokens.push({ kind: 'any-run' });
    else if (char === '?') tokens.push({ kind: 'any-one' });
    else tokens.push({ kind: 'literal', char });
    index += escaped === undefined ? 1 : 2;
  }
  return tokens;
}

/** Like Redis, a class without its closing bracket runs to the end of the pattern. */
function readClass(pattern: readonly string[], start: number): { token: Token; next: number } {
  const negated = pattern[start] === '^';
  const ranges: [string, string][] = [];
  let index = negated ? start + 1 : start;
  for (let char = pattern[index]; char !== undefined && char !== ']'; char = pattern[index]) {
    if (char === '\\') {
      index += 1;
      char = pattern[index] ?? '\\';
    }
    const high = pattern[index + 1] === '-' ? pattern[index + 2] : undefined;
    if (high === undefined) {
      ranges.push([char, char]);
      index += 1;
    } else {
      ranges.push(char <= high ? [char, high] : [high, char]);
      index += 3;
    }
  }
  return { token: { kind: 'class', negated, ranges }, next: index + 1 };
}
