import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

/** What a found value is good for, best first: `fresh` ends the search for a better one, `useless` is as good as nothing. */
export const STANDINGS = ['fresh', 'usable', 'last-resort', 'useless'] as const;
export type JudgeValue = (value: string) => Promise<(typeof STANDINGS)[number]>;

/** Where whole answers are kept, near those who ask. Values may vanish at any time; every one expires. */
export interface AnswerStore {
  readonly name: string;
  /** `null` is a real miss, an error is a store that could not be asked. */
  get(key: string, deadline: Deadline, judge?: JudgeValue): Promise<Result<string | null, UpstreamError>>;
  put(key: string, value: string, ttlSeconds: number, deadline: Deadline): Promise<Result<void, UpstreamError>>;
}
