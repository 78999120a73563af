import { expect, it } from 'vitest';
import { newId } from './new-id.ts';

it('is a ULID of this moment, and another one every time', () => {
  const ids = Array.from({ length: 1_000 }, newId);
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
});

it('uses every character in every random place', () => {
  const ids = Array.from({ length: 5_000 }, newId);
  for (let place = 10; place < 26; place++) expect(new Set(ids.map((id) => id[place])).size).toBe(32);
});
