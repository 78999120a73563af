import { dirname, join, resolve } from 'node:path';

/** The folder this project was cloned into. */
export const PROJECT_ROOT = dirname(import.meta.dirname);

/** Where the local stack keeps its data: `--state`, else VIGIL_STATE, else `.vigil` in the project. */
export function stateDirectory(option: string | null): string {
  return resolve(option ?? process.env.VIGIL_STATE ?? join(PROJECT_ROOT, '.vigil'));
}

export const STATE_OPTION = {
  type: 'string',
  value: 'DIR',
  description: 'folder with the local stack’s data (default: $VIGIL_STATE, else .vigil)',
} as const;

export const JSON_OPTION = {
  type: 'boolean',
  description: 'JSON on standard output, everything else on standard error',
} as const;
