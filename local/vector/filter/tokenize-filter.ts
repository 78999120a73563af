import { FilterSyntaxError } from './filter-syntax-error.ts';

const KEYWORDS = ['AND', 'OR', 'NOT', 'IN', 'GLOB', 'CONTAINS', 'HAS', 'FIELD'] as const;
export type Keyword = (typeof KEYWORDS)[number];

const SYMBOLS = ['<=', '>=', '!=', '=', '<', '>', '(', ')', ','] as const;
export type FilterSymbol = (typeof SYMBOLS)[number];

export type Token = { offset: number; text: string } & (
  | { kind: 'identifier' }
  | { kind: 'string'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'keyword'; keyword: Keyword }
  | { kind: 'symbol'; symbol: FilterSymbol }
  | { kind: 'end' }
);

const WHITE_SPACE = /\s+/y;
/** The documented shape of an identifier: https://upstash.com/docs/vector/features/filtering#miscellaneous */
const IDENTIFIER = /[a-zA-Z_][a-zA-Z_0-9.[\]#-]*/y;
/** Exponents are documented nowhere, so they are refused: a filter that works here must work upstream. */
const NUMBER = /-?\d+(?:\.\d+)?/y;
/** Escaping a quote inside a string is documented nowhere either; a backslash is an ordinary character. */
const STRING = /'[^']*'|"[^"]*"/y;

/** Splits a filter into tokens, the last of kind `end`; throws FilterSyntaxError. */
export function tokenizeFilter(source: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < source.length) {
    const blank = matchAt(WHITE_SPACE, source, offset);
    if (blank !== null) {
      offset += blank.length;
      continue;
    }
    const token = readToken(source, offset);
    tokens.push(token);
    offset += token.text.length;
  }
  tokens.push({ kind: 'end', offset, text: '<EOF>' });
  return tokens;
}

function readToken(source: string, offset: number): Token {
  const word = matchAt(IDENTIFIER, source, offset);
  if (word !== null) return readWord(word, offset);

  const text = matchAt(STRING, source, offset);
  if (text !== null) return { kind: 'string', offset, text, value: text.slice(1, -1) };

  const digits = matchAt(NUMBER, source, offset);
  if (digits !== null) return { kind: 'number', offset, text: digits, value: Number(digits) };

  const symbol = SYMBOLS.find((candidate) => source.startsWith(candidate, offset));
  if (symbol !== undefined) return { kind: 'symbol', offset, text: symbol, symbol };

  // The one wording seen from the real service: https://github.com/mem0ai/mem0/issues/6880
  throw new FilterSyntaxError(source, offset, `token recognition error at: '${source[offset]}'`);
}

/** Words that mean something are reserved in any case, so metadata keys with these names cannot be filtered. */
function readWord(text: string, offset: number): Token {
  const upper = text.toUpperCase();
  if (upper === 'TRUE' || upper === 'FALSE') return { kind: 'boolean', offset, text, value: upper === 'TRUE' };
  const keyword = KEYWORDS.find((candidate) => candidate === upper);
  if (keyword !== undefined) return { kind: 'keyword', offset, text, keyword };
  return { kind: 'identifier', offset, text };
}

function matchAt(pattern: RegExp, source: string, offset: number): string | null {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0] ?? null;
}
