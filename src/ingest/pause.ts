/** For a pause between two steps: long enough that whatever else has become due is done first. */
export const PAUSE_MS = 1;
