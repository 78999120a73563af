/** Of a text, as far as its letters and its small words tell. */
export type Language = 'en' | 'de' | 'fr' | 'es' | 'it' | 'pt' | 'nl' | 'ja' | 'zh' | 'ko' | 'ru' | 'ar';

// Words that are frequent in one language and rare in the others.
const SMALL_WORDS = {
  en: 'the a an is are be how what which where when why who does do can i my you with for from of on at by and or if not should as this that in to it',
  de: 'der die das ist sind wie was welche welcher welches wo wann warum wer kann ich mein meine mit für von und nicht ein eine im den dem zu auf',
  fr: 'le les est sont comment quel quelle quels où quand pourquoi qui je mon ma avec pour du des et une dans sur pas ce cette quoi',
  es: 'el los las es son cómo qué cuál dónde cuándo por quién puedo mi con para del y una en hay este esta se',
  it: 'il lo gli i di non questa è sono come che quale dove quando perché chi posso mio mia con per della del e un una nel questo quali',
  pt: 'o os as é são como que qual onde quando porque quem posso meu minha com para do da e um uma no na isso não',
  nl: 'de het is zijn hoe wat welke waar wanneer waarom wie kan ik mijn met voor van en een niet op dit dat',
} satisfies Partial<Record<Language, string>>;
const WORDS = (['en', 'de', 'fr', 'es', 'it', 'pt', 'nl'] as const).map(
  (language) => [language, new Set(SMALL_WORDS[language].split(' '))] as const,
);

// Kana before Han: Japanese has both.
const SCRIPTS: readonly (readonly [Language, RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
];
const LETTER = /\p{L}/gu;
// A question about `fetch` is in Japanese when it asks in Japanese; its names are Latin.
const SHARE_OF_SCRIPT = 0.2;

/** `null` when nothing tells. Of languages that share a script, those with small words above can be told apart. */
export function languageOf(text: string): Language | null {
  const letters = text.match(LETTER)?.length ?? 0;
  for (const [language, script] of SCRIPTS) {
    if ((text.match(script)?.length ?? 0) > letters * SHARE_OF_SCRIPT) return language;
  }
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  let best: Language | null = null;
  let most = 0;
  for (const [language, small] of WORDS) {
    const count = words.filter((word) => small.has(word)).length;
    if (count > most) [best, most] = [language, count];
  }
  return best;
}
