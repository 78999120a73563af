import { beforeAll, describe, expect, it } from 'vitest';
import { aPdf } from '../../local/ai/pdf-fixture.ts';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { DocumentConverter } from './document-converter.ts';

const PDF = 'application/pdf';

/** What every `DocumentConverter` promises. */
export function describeDocumentConverter(name: string, make: () => Promise<DocumentConverter>): void {
  describe(`the document converter ${name}`, { timeout: 60_000 }, () => {
    let converter: DocumentConverter;

    beforeAll(async () => {
      converter = await make();
    }, 120_000);

    it('makes Markdown of a PDF, every page in order', async () => {
      const bytes = aPdf(['The lamp burns whale oil.', 'The horn sounds in fog.']);
      const result = await converter.convert({ name: 'coast.pdf', mediaType: PDF, bytes }, inSeconds(50));
      expect(result).toMatchObject({ ok: true, value: expect.stringMatching(/whale oil[\s\S]*horn sounds/) });
    });

    it('makes Markdown of a table', async () => {
      const bytes = new TextEncoder().encode('what,pounds\noil,5\nwick,1\n');
      const result = await converter.convert({ name: 'costs.csv', mediaType: 'text/csv', bytes }, inSeconds(50));
      expect(result).toMatchObject({ ok: true, value: expect.stringMatching(/what[\s\S]*pounds[\s\S]*wick/) });
    });

    it('says permanently what is wrong with a file that is none', async () => {
      const bytes = new TextEncoder().encode('%PDF-1.4 and nothing that follows from it');
      const result = await converter.convert({ name: 'broken.pdf', mediaType: PDF, bytes }, inSeconds(50));
      expect(result).toMatchObject({
        ok: false,
        error: { class: 'permanent', code: 'CONVERSION_FAILED', message: expect.stringMatching(/./) },
      });
    });

    it('calls nobody when no time is left', async () => {
      const file = { name: 'a.pdf', mediaType: PDF, bytes: aPdf(['a']) };
      const result = await converter.convert(file, inSeconds(0));
      expect(result).toMatchObject({ ok: false, error: { code: 'DEADLINE' } });
    });
  });
}
