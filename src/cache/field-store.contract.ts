import { beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import { DECEPTIVE_VALUES } from '../../test/support/deceptive-values.ts';
import type { FieldStore } from './field-store.ts';

/** What every `FieldStore` promises. Keys expire within a minute. */
export function describeFieldStore(
  name: string,
  { open, scratchName }: { open(): Promise<FieldStore>; scratchName: string },
): void {
  describe(`the field store ${name}`, { timeout: 60_000 }, () => {
    let store: FieldStore;
    beforeAll(async () => {
      store = await open();
    }, 120_000);

    const keyOf = (key: string) => `vigil:${scratchName}:${key}`;
    const get = (key: string, ...names: string[]) => store.getFields(keyOf(key), names, inSeconds(10));
    const set = (key: string, fields: Record<string, string>, ttlSeconds: number | null = 60) => {
      const written = Object.entries(fields).map(([name, value]) => ({ name, value }));
      return store.setFields(keyOf(key), written, ttlSeconds, inSeconds(10));
    };

    it('gives back values in the order asked for, and null for what is not there', async () => {
      expect(await set('a', { '0:x': '[["k","s"]]', '1:y': '123' })).toMatchObject({ ok: true });
      expect(await get('a', '1:y', '2:z', '0:x')).toEqual({ ok: true, value: ['123', null, '[["k","s"]]'] });
      expect(await get('none', 'a', 'b')).toEqual({ ok: true, value: [null, null] });
      expect(await get('a')).toEqual({ ok: true, value: [] });
    });

    it('changes nothing about a value, whatever it or its name looks like', async () => {
      await set('e', Object.fromEntries(DECEPTIVE_VALUES.map((value) => [`${value}:`, value])));
      expect(await get('e', ...DECEPTIVE_VALUES.map((value) => `${value}:`))).toEqual({
        ok: true,
        value: DECEPTIVE_VALUES,
      });
    });

    it('replaces one field and keeps the others', async () => {
      await set('b', { x: 'old', y: 'kept' });
      await set('b', { x: 'new' }, null);
      expect(await get('b', 'x', 'y')).toEqual({ ok: true, value: ['new', 'kept'] });
    });

    it('takes fields by the hundred', async () => {
      const names = Array.from({ length: 520 }, (_, n) => `${n % 26}:${n.toString(36)}`);
      await set('c', Object.fromEntries(names.map((one) => [one, one])));
      expect(await get('c', ...names)).toEqual({ ok: true, value: names });
    });

    it('forgets the whole key after its time', async () => {
      await set('d', { x: 'gone soon' }, 1);
      await expect.poll(() => get('d', 'x'), { timeout: 10_000 }).toEqual({ ok: true, value: [null] });
    });
  });
}
