import type { GlobPattern } from './glob-pattern.ts';
import type { MetadataPath } from './metadata-path.ts';

export type Literal = string | number | boolean;

export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Filter =
  | { kind: 'and' | 'or'; operands: Filter[] }
  | { kind: 'compare'; path: MetadataPath; operator: ComparisonOperator; literal: Literal }
  | { kind: 'glob'; path: MetadataPath; pattern: GlobPattern; negated: boolean }
  | { kind: 'in'; path: MetadataPath; literals: Literal[]; negated: boolean }
  | { kind: 'contains'; path: MetadataPath; literal: Literal; negated: boolean }
  | { kind: 'has-field'; path: MetadataPath; negated: boolean };
