const WHO = [
  'keeper',
  'ferry captain',
  'clockmaker',
  'beekeeper',
  'cartographer',
  'glazier',
  'night nurse',
  'locksmith',
];
const DOES = [
  'repairs',
  'inspects',
  'records',
  'carries',
  'measures',
  'borrows',
  'polishes',
  'counts',
  'replaces',
  'paints',
];
const WHAT = [
  'lens',
  'barometer',
  'ledger',
  'copper valve',
  'signal flag',
  'water pump',
  'wall map',
  'spare rope',
  'lantern',
];
const WHERE = [
  'harbour',
  'north tower',
  'old archive',
  'market hall',
  'boat shed',
  'railway yard',
  'salt works',
  'orchard',
];
const WHEN = [
  'before dawn',
  'every second evening',
  'after the storm',
  'on market days',
  'in early spring',
  'at low tide',
];
const WHY = [
  'because the insurers ask for it',
  'so that nobody has to guess later',
  'although the rules no longer demand it',
  'as the founders wrote it down',
  'until the new one arrives by train',
];
const SYLLABLES = ['ba', 'ko', 'ri', 'mu', 'ta', 'ne', 'lo', 'vi', 'sha', 'du', 'pe', 'gra', 'fi', 'zo', 'wen', 'ly'];
const SENTENCES_PER_SECTION = 5;

export interface MadeText {
  markdown: string;
  /** Each of them stands in no other text with another mark. */
  sentences: string[];
}

/**
 * Markdown of so many sentences about things that may well happen, the same for the same random numbers. `mark` is a number of
 * its own: it is in every sentence, as a name.
 */
export function makeText(mark: number, sentenceCount: number, random: () => number): MadeText {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? '';
  const name = nameOf(mark);
  const sentences = Array.from(
    { length: sentenceCount },
    (_, n) =>
      `${name} the ${pick(WHO)} ${pick(DOES)} the ${pick(WHAT)} number ${n + 1} in the ${pick(WHERE)} ${pick(WHEN)}, ${pick(WHY)}.`,
  );
  const sections: string[] = [`# ${name} of the ${pick(WHERE)}`];
  for (let at = 0; at < sentences.length; at += SENTENCES_PER_SECTION) {
    if (at > 0) sections.push(`## ${name} and the ${pick(WHAT)}, part ${at / SENTENCES_PER_SECTION + 1}`);
    sections.push(sentences.slice(at, at + SENTENCES_PER_SECTION).join(' '));
  }
  return { markdown: `${sections.join('\n\n')}\n`, sentences };
}

/** The text with one of its sections written anew, as it is for another mark; the rest stays as it is. */
export function editSection(text: MadeText, mark: number, random: () => number): MadeText {
  const blocks = text.markdown.trimEnd().split('\n\n');
  const paragraphs = blocks.flatMap((block, at) => (block.startsWith('#') ? [] : [at]));
  const edited = paragraphs[Math.floor(random() * paragraphs.length)] ?? 0;
  const old = text.sentences.filter((sentence) => blocks[edited]?.includes(sentence));
  const { sentences: renewed } = makeText(mark, old.length, random);
  const markdown = blocks.map((block, at) => (at === edited ? renewed.join(' ') : block)).join('\n\n');
  return {
    markdown: `${markdown}\n`,
    sentences: text.sentences.map((sentence) => renewed[old.indexOf(sentence)] ?? sentence),
  };
}

/** A word that no other number has, and no language. */
export function nameOf(mark: number): string {
  let rest = mark + SYLLABLES.length ** 3;
  let name = '';
  while (rest > 0) {
    name += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}x`;
}
