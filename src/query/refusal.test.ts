import { describe, expect, it } from 'vitest';
import { languageOf } from './language.ts';
import { refusalOf } from './refusal.ts';

const QUESTIONS = [
  ['en', 'How do I limit the size of a request?'],
  ['de', 'Wie begrenze ich die Größe einer Anfrage?'],
  ['fr', 'Comment limiter la taille d’une requête dans mon application ?'],
  ['es', '¿Cómo puedo limitar el tamaño de una petición?'],
  ['it', 'Come posso limitare la dimensione della richiesta?'],
  ['pt', 'Como posso limitar o tamanho de uma requisição?'],
  ['nl', 'Hoe kan ik de grootte van een verzoek beperken?'],
  ['ja', 'fetch のリクエストの大きさを制限するには？'],
  ['zh', '如何限制请求的大小？'],
  ['ko', '요청 크기를 제한하려면 어떻게 하나요?'],
  ['ru', 'Как ограничить размер запроса?'],
  ['ar', 'كيف أحدد حجم الطلب؟'],
] as const;

describe('a refusal', () => {
  it.each(QUESTIONS)('is in the language of the question: %s', (language, question) => {
    expect(languageOf(question)).toBe(language);
    const { sentence } = refusalOf(question, 'NO_PASSAGES');
    expect(languageOf(sentence)).toBe(language);
  });

  it('is in English when the language cannot be told', () => {
    for (const question of ['bodyLimit maxSize 413', 'Πώς;', 'Hur kan jag?', '🙂 42']) {
      expect(refusalOf(question, 'NO_PASSAGES').sentence).toBe('The documents do not answer this question.');
    }
  });

  it('says the same for each reason', () => {
    expect(refusalOf('Why?', 'NO_PASSAGES').sentence).toBe(refusalOf('Why?', 'LOW_RELEVANCE').sentence);
  });
});
