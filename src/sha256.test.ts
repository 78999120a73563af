import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha256Hex } from './sha256.ts';

it.each(['', 'The limit', '港口 ü'])(
  'hashes %j as everybody does, in as many digits as are asked for',
  async (text) => {
    const whole = createHash('sha256').update(text).digest('hex');
    expect(await sha256Hex(text)).toBe(whole);
    expect(await sha256Hex(text, 40)).toBe(whole.slice(0, 40));
    expect(await sha256Hex(new TextEncoder().encode(text), 7)).toBe(whole.slice(0, 7));
  },
);
