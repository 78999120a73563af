import { expect, it } from 'vitest';
import { estimateTokens } from '../models/token-estimate.ts';
import { embeddedText } from './embedded-text.ts';

const model = { name: 'test', dimensions: 2, pooling: 'mean' as const, maxInputTokens: 40, maxTextsPerCall: 5 };

it('puts the title and the headings before the text', () => {
  const chunk = { title: 'Testing', headings: ['Runtimes', 'Deno'], text: 'Use its own runner.' };
  expect(embeddedText(chunk, model)).toBe('Testing > Runtimes > Deno\nUse its own runner.');
});

it('says nothing twice', () => {
  const chunk = { title: 'Testing', headings: ['Testing', 'Deno'], text: '## Deno\n\nUse its own runner.' };
  expect(embeddedText(chunk, model)).toBe('Testing\n## Deno\n\nUse its own runner.');
});

it('leaves out what the model has no room for', () => {
  const text = 'word '.repeat(36).trim();
  const chunk = { title: 'A title that is much too long for what is left', headings: ['Deno'], text };
  const embedded = embeddedText(chunk, model);
  expect(embedded).toBe(`Deno\n${text}`);
  expect(estimateTokens(embedded)).toBeLessThanOrEqual(model.maxInputTokens);
});
