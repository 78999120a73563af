import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export interface FileToConvert {
  /** With the ending of its type. */
  name: string;
  mediaType: string;
  bytes: Uint8Array;
}

/** Makes Markdown of PDF and office files. */
export interface DocumentConverter {
  /** `CONVERSION_FAILED`, with the converter's own words, is permanent: this file will never be converted. */
  convert(file: FileToConvert, deadline: Deadline): Promise<Result<string, UpstreamError>>;
}
