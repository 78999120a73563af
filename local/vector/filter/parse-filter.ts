import type { ComparisonOperator, Filter, Literal } from './filter-ast.ts';
import { FilterSyntaxError } from './filter-syntax-error.ts';
import { parseGlob } from './glob-pattern.ts';
import { type MetadataPath, parseMetadataPath } from './metadata-path.ts';
import { type FilterSymbol, type Keyword, type Token, tokenizeFilter } from './tokenize-filter.ts';

/** Far beyond any filter written by hand, well before the call stack ends. */
const MAX_NESTING = 200;

const COMPARISONS: readonly ComparisonOperator[] = ['=', '!=', '<', '<=', '>', '>='];

/** Parses a metadata filter (https://upstash.com/docs/vector/features/filtering); throws FilterSyntaxError only. */
export function parseFilter(source: string): Filter {
  return new FilterParser(source).parse();
}

class FilterParser {
  readonly #source: string;
  readonly #tokens: Token[];
  #position = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenizeFilter(source);
  }

  parse(): Filter {
    const filter = this.#parseOr();
    if (this.#peek().kind !== 'end') throw this.#unexpected('AND, OR or the end');
    return filter;
  }

  #parseOr(): Filter {
    return this.#parseChain('OR', () => this.#parseAnd());
  }

  #parseAnd(): Filter {
    return this.#parseChain('AND', () => this.#parseTerm());
  }

  #parseChain(keyword: 'AND' | 'OR', parseOperand: () => Filter): Filter {
    const first = parseOperand();
    const operands = [first];
    while (this.#takeKeyword(keyword)) operands.push(parseOperand());
    return operands.length === 1 ? first : { kind: keyword === 'AND' ? 'and' : 'or', operands };
  }

  #parseTerm(): Filter {
    if (this.#takeSymbol('(')) return this.#parseGroup();
    if (this.#takeKeyword('HAS')) return this.#parseHasField();
    return this.#parseCondition();
  }

  #parseGroup(): Filter {
    if (this.#nesting === MAX_NESTING) throw this.#problem(`more than ${MAX_NESTING} nested parentheses`);
    this.#nesting += 1;
    const filter = this.#parseOr();
    this.#nesting -= 1;
    if (!this.#takeSymbol(')')) throw this.#unexpected("')'");
    return filter;
  }

  #parseHasField(): Filter {
    const negated = this.#takeKeyword('NOT');
    if (!this.#takeKeyword('FIELD')) throw this.#unexpected('FIELD');
    return { kind: 'has-field', path: this.#parsePath(), negated };
  }

  #parseCondition(): Filter {
    const path = this.#parsePath();
    const token = this.#peek();
    const operator = COMPARISONS.find((candidate) => token.kind === 'symbol' && token.symbol === candidate);
    if (operator !== undefined) return this.#parseComparison(path, operator);

    const negated = this.#takeKeyword('NOT');
    if (this.#takeKeyword('GLOB')) return this.#parseGlobCondition(path, negated);
    if (this.#takeKeyword('IN')) return { kind: 'in', path, literals: this.#parseLiterals(), negated };
    if (this.#takeKeyword('CONTAINS')) return { kind: 'contains', path, literal: this.#parseLiteral(), negated };
    throw this.#unexpected(negated ? 'GLOB, IN or CONTAINS' : 'an operator');
  }

  #parseComparison(path: MetadataPath, operator: ComparisonOperator): Filter {
    this.#position += 1;
    const isOrdering = operator !== '=' && operator !== '!=';
    // The documentation has ordering "applicable to number values"; that another literal is refused is inferred.
    if (isOrdering && this.#peek().kind !== 'number') throw this.#unexpected('a number');
    return { kind: 'compare', path, operator, literal: this.#parseLiteral() };
  }

  #parseGlobCondition(path: MetadataPath, negated: boolean): Filter {
    const token = this.#peek();
    if (token.kind !== 'string') throw this.#unexpected('a string');
    const pattern = parseGlob(token.value);
    if (pattern === null) throw this.#problem(`unclosed '[' in pattern ${token.text}`);
    this.#position += 1;
    return { kind: 'glob', path, pattern, negated };
  }

  #parseLiterals(): Literal[] {
    if (!this.#takeSymbol('(')) throw this.#unexpected("'('");
    const literals = [this.#parseLiteral()];
    while (this.#takeSymbol(',')) literals.push(this.#parseLiteral());
    if (!this.#takeSymbol(')')) throw this.#unexpected("',' or ')'");
    return literals;
  }

  #parseLiteral(): Literal {
    const token = this.#peek();
    if (token.kind !== 'string' && token.kind !== 'number' && token.kind !== 'boolean') {
      throw this.#unexpected('a string, a number or a boolean');
    }
    this.#position += 1;
    return token.value;
  }

  #parsePath(): MetadataPath {
    const token = this.#peek();
    if (token.kind !== 'identifier') throw this.#unexpected('a metadata key');
    const path = parseMetadataPath(token.text);
    if (path === null) throw this.#problem(`'${token.text}' is not a path into the metadata`);
    this.#position += 1;
    return path;
  }

  #takeKeyword(keyword: Keyword): boolean {
    const token = this.#peek();
    if (token.kind !== 'keyword' || token.keyword !== keyword) return false;
    this.#position += 1;
    return true;
  }

  #takeSymbol(symbol: FilterSymbol): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.symbol !== symbol) return false;
    this.#position += 1;
    return true;
  }

  /** Never past the `end` token: every caller that advances has seen another kind first. */
  #peek(): Token {
    const token = this.#tokens[this.#position];
    if (token === undefined) throw new Error('the filter parser ran past the end of its tokens');
    return token;
  }

  #unexpected(expected: string): FilterSyntaxError {
    return this.#problem(`mismatched input '${this.#peek().text}' expecting ${expected}`);
  }

  #problem(text: string): FilterSyntaxError {
    return new FilterSyntaxError(this.#source, this.#peek().offset, text);
  }
}
