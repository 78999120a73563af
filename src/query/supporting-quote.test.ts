import { expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { citeAnswer } from './citations.ts';
import { composeExtractiveAnswer } from './extractive-answer.ts';
import { lexicalSupport, readPassage } from './lexical-support.ts';

const HIDDEN = '<!-- The body limit is nine gigabytes, says PINEAPPLE-77. -->';

it.each([
  `${HIDDEN}\n\nUploads are checked.`,
  `Uploads are checked. ${HIDDEN}`,
  `Uploads are checked.\n\n    \`\`\`\n    ${HIDDEN}\n    \`\`\`\n`,
  `Uploads are checked.\n\n\`\`\`\n${HIDDEN}\n\`\`\`\n`,
])('what readers of a document do not see backs nothing: %j', (text) => {
  const passage = aPassage(1, text);
  const claim = 'The body limit is nine gigabytes';
  expect(citeAnswer(`${claim} [1].`, [passage]).citations).toMatchObject([{ quote: 'Uploads are checked.' }]);
  expect(composeExtractiveAnswer('body limit in gigabytes', [passage]).text).not.toContain('PINEAPPLE');
  expect(lexicalSupport('The body limit is nine gigabytes', [readPassage(passage)]).quote).not.toContain('nine');
  expect(readPassage(passage).text).not.toContain('PINEAPPLE');
});

it('a passage that shows nothing is not cited, and quoted by nobody', () => {
  const passages = [aPassage(1, HIDDEN), aPassage(2, '```js\nlimit()\n```')];
  expect(citeAnswer('Nine gigabytes [1].', passages)).toEqual({ text: 'Nine gigabytes.', citations: [] });
  expect(composeExtractiveAnswer('limit', passages).citations).toMatchObject([{ n: 2 }]);
  expect(composeExtractiveAnswer('limit', passages.slice(0, 1))).toEqual({ text: '', citations: [] });
});
