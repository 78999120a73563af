type GlobStep =
  | { kind: 'any-run' }
  | { kind: 'any-one' }
  | { kind: 'character'; character: string }
  | { kind: 'set'; negated: boolean; ranges: { first: string; last: string }[] };

export type GlobPattern = GlobStep[];

/** Compiles `*`, `?`, `[abc]`, `[a-z]`, `[^…]`; `null` when a bracket is never closed. */
export function parseGlob(source: string): GlobPattern | null {
  const characters = Array.from(source);
  const pattern: GlobPattern = [];
  let position = 0;
  while (position < characters.length) {
    const character = characters[position] ?? '';
    if (character !== '[') {
      pattern.push(plainStep(character));
      position += 1;
      continue;
    }
    const set = readSet(characters, position);
    if (set === null) return null;
    pattern.push(set.step);
    position = set.next;
  }
  return pattern;
}

function plainStep(character: string): GlobStep {
  if (character === '*') return { kind: 'any-run' };
  if (character === '?') return { kind: 'any-one' };
  return { kind: 'character', character };
}

/** As in a UNIX shell, a `]` that comes first stands for itself. */
function readSet(characters: string[], open: number): { step: GlobStep; next: number } | null {
  const negated = characters[open + 1] === '^';
  const start = open + (negated ? 2 : 1);
  const close = characters.indexOf(']', start + 1);
  if (close === -1) return null;

  const ranges: { first: string; last: string }[] = [];
  let position = start;
  while (position < close) {
    const first = characters[position] ?? '';
    const isRange = characters[position + 1] === '-' && position + 2 < close;
    const last = isRange ? (characters[position + 2] ?? '') : first;
    ranges.push({ first, last });
    position += isRange ? 3 : 1;
  }
  return { step: { kind: 'set', negated, ranges }, next: close + 1 };
}

/**
 * Whether the whole text matches, case-sensitively. A mismatch goes back to the latest `*` only, so the time is at most
 * the product of both lengths; a regular expression made from the pattern could take exponential time.
 */
export function matchesGlob(pattern: GlobPattern, text: string): boolean {
  const characters = Array.from(text);
  let position = 0;
  let step = 0;
  let retry: { step: number; position: number } | null = null;
  while (position < characters.length) {
    const current = pattern[step];
    if (current?.kind === 'any-run') {
      retry = { step, position };
      step += 1;
    } else if (current !== undefined && acceptsCharacter(current, characters[position] ?? '')) {
      step += 1;
      position += 1;
    } else if (retry !== null) {
      retry.position += 1;
      step = retry.step + 1;
      position = retry.position;
    } else {
      return false;
    }
  }
  return pattern.slice(step).every((rest) => rest.kind === 'any-run');
}

function acceptsCharacter(step: GlobStep, character: string): boolean {
  switch (step.kind) {
    case 'any-run':
    case 'any-one':
      return true;
    case 'character':
      return step.character === character;
    case 'set':
      return step.negated !== step.ranges.some(({ first, last }) => first <= character && character <= last);
  }
}
