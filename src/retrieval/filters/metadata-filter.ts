export type Scalar = string | number | boolean;

export const BOUNDS = ['gt', 'gte', 'lt', 'lte'] as const;
export type Bound = (typeof BOUNDS)[number];

/** Conditions that hold only where the key has a fitting value, or is absent when that is what they ask for. */
export type PositiveCondition =
  | { op: 'eq'; key: string; value: Scalar }
  | { op: 'in'; key: string; values: Scalar[] }
  | { op: Bound; key: string; value: string | number }
  | { op: 'exists'; key: string; value: boolean }
  | { op: 'contains'; key: string; value: string };

export type Condition =
  | PositiveCondition
  | { op: 'ne'; key: string; value: Scalar }
  | { op: 'nin'; key: string; values: Scalar[] };

/**
 * Which documents may answer, by their metadata; `matches-filter.ts` defines what it means. Plain data, in the order
 * it was written: equal JSON, equal filter.
 */
export type MetadataFilter =
  | Condition
  | { op: 'and'; filters: MetadataFilter[] }
  | { op: 'or'; filters: MetadataFilter[] }
  | { op: 'not'; filter: MetadataFilter };

/** A filter of positive conditions only: what the vendors' languages agree on. */
export type PositiveFilter =
  | PositiveCondition
  | { op: 'and'; filters: PositiveFilter[] }
  | { op: 'or'; filters: PositiveFilter[] };
