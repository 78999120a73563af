import { describe, expect, it } from 'vitest';
import { languageOf, mayBeEnglish } from './language.ts';

const QUESTIONS = {
  en: [
    'I get an error about immutable headers when I use CORS',
    'Read a repeated query parameter as an array',
    'I wonder whether someone already made a Prometheus integration?',
    'Can I do it on a per-route basis?',
    'What was the limit in an older version?',
    'Is it an issue of CORS or of cookies?',
    'No idea how to come to a solution, who can help me?',
    'Will I also need a proxy in Docker so I am safe?',
    'How do I format a date for Zürich?',
    'How many requests per minute does it allow me to do?',
    'Limit a route',
    'Do I need a try/catch?',
    'DI in Hono',
    'ES modules in Hono',
    'MIT license in Hono',
    'MIT license for Hono',
    'WHAT IS THE LIMIT OF A BODY',
    'Three chords for a twelve bar blues in E',
    'Different apps for www1.example.com and api.example.com',
  ],
  de: [
    'Kann man das Limit in Hono an einer Stelle setzen?',
    'Was will der Server in so einem Fall?',
    'Also, an wen geht die Antwort?',
    'Gibt es in Hono ein Limit?',
    'Warum kommt in Safari kein Cookie an?',
    'In welchem Header steht das Token?',
  ],
  fr: [
    'Pourquoi on a une erreur CORS ?',
    'On a un cookie par domaine ?',
    'Comment on fait un upload ?',
    'Il y a une limite ?',
    'Est-ce que le serveur a un cache ?',
    'L’application peut lire l’en-tête à chaque requête ?',
  ],
  es: [
    '¿Puedo limitar a un usuario a 10 peticiones?',
    'Como agrego una ruta a la app?',
    '¿Por qué me da un error de CORS?',
    '¿Hay límite?',
    'No me funciona el middleware, a qué se debe?',
    'Se puede enviar un correo a varios usuarios?',
  ],
  it: [
    'Come si fa a mandare i cookie a un altro dominio in Hono?',
    'Posso limitare i tentativi a 10 in un minuto?',
    'Perché in produzione i file non ci sono?',
    'A cosa serve il middleware?',
    'In che modo i dati arrivano a un client?',
    'C’è un limite per utente?',
  ],
  pt: [
    'Como adicionar a rota a um app em Hono?',
    'Como eu faço a validação do formulário?',
    'Posso limitar as requisições a 10 por minuto?',
    'Por que a resposta não tem os cookies?',
    'É possível usar o cache no servidor?',
    'Onde fica a configuração do proxy?',
  ],
  nl: [
    'Is de server in of buiten Docker?',
    'Hoe was het in versie 3?',
    'Mag ik een cookie in een worker zetten?',
    'Kan de limiet per gebruiker worden ingesteld?',
    'Waar we een fout krijgen is in de router',
    'Hoeveel verzoeken kan een gebruiker per minuut doen?',
  ],
  ja: ['fetch のリクエストの大きさを制限するには？', 'Cookieはどこで設定しますか？', 'CORSエラーになる'],
  zh: ['如何限制请求的大小？', '在 Hono 中怎么设置 cookie？', '为什么报错？'],
  ko: ['요청 크기를 제한하려면 어떻게 하나요?', 'Hono에서 쿠키를 설정할 수 있나요?', '왜 오류가 나나요?'],
  ru: ['Как ограничить размер запроса?', 'Можно ли задать cookie в Hono?', 'Почему ошибка CORS?'],
  ar: ['كيف أحدد حجم الطلب؟', 'هل يمكن ضبط cookie في Hono؟', 'لماذا يظهر خطأ؟'],
} as const;

const UNTOLD = [
  'Πώς περιορίζω το μέγεθος;',
  'จำกัดขนาดคำขอได้อย่างไร',
  'Hogyan lehet egy sütit beállítani a Honóban?',
  'Jak dodać nagłówek do odpowiedzi i jak to zrobić w Hono?',
  'Jak dodac do tego cookie i czy to jest mozliwe?',
  'Hur kan jag sätta en cookie i Hono?',
  'Hur kan man begränsa antalet anrop?',
  'Hvordan kan jeg få en fejl til at forsvinde?',
  'Làm thế nào để giới hạn kích thước yêu cầu?',
];

describe('the language of a question', () => {
  it.each(Object.entries(QUESTIONS).flatMap(([language, asked]) => asked.map((question) => [language, question])))(
    'is told by its letters and small words: %s, %s',
    (language, question) => {
      expect(languageOf(question)).toBe(language);
      expect(mayBeEnglish(question)).toBe(language === 'en');
    },
  );

  it.each(UNTOLD)('is none where other languages have its words, and English is no nearer: %s', (question) => {
    expect(languageOf(question)).toBeNull();
    expect(mayBeEnglish(question)).toBe(false);
  });

  it.each([
    'jwt cookie refresh',
    'v3 v4 X',
    'v3 e2e i18n test',
    'bodyLimit “maxSize” 413 — c.json()',
    'café menu app',
    'naïve cafe\u0301 cache',
    '',
  ])('may be English where nothing speaks against it: %s', (question) => {
    expect(languageOf(question)).toBeNull();
    expect(mayBeEnglish(question)).toBe(true);
  });

  it('is the same however its accents are encoded', () => {
    expect(languageOf('Où ?'.normalize('NFD'))).toBe('fr');
  });
});
