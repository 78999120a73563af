import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { estimateGenerationTokens, estimateTokens } from './token-estimate.ts';

// Counted with the tokenizer of all-MiniLM-L6-v2.
it.each([
  ['The Body Limit Middleware can limit the file size of the request body.', 14],
  ["import { bodyLimit } from 'hono/body-limit'", 14],
  ['日本語の文書', 6],
])('is near the real count, and not below: %s', (text, tokens) => {
  const estimate = estimateTokens(text);
  expect(estimate).toBeGreaterThanOrEqual(tokens);
  expect(estimate).toBeLessThanOrEqual(tokens * 1.6);
});

it('counts nothing for white space', () => {
  expect(estimateTokens(' \n\t\u3000 ')).toBe(0);
});

it('never counts a text more than the sum of its parts, nor more than its UTF-16 units', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const whole = estimateTokens(a + b);
      return whole <= estimateTokens(a) + estimateTokens(b) && whole <= (a + b).length;
    }),
  );
});

const SAMPLES: Record<string, string> = {
  English:
    'The body limit middleware rejects requests that are larger than you allow. It looks at the `Content-Length` header ' +
    'first, and counts the bytes of the stream when there is none. The default answer is `413 Payload Too Large`; pass ' +
    '`onError` for one of your own. On a runtime that has a limit itself, such as Bun, raise that one too.',
  Markdown:
    '## Options\n\n### <Badge type="danger" text="required" /> maxSize: `number`\n\nThe maximum file size of the file ' +
    'you want to limit. The default is `100 * 1024` - `100kb`.\n\n::: tip\nSee [the guide](/docs/guides/limits).\n:::\n' +
    '\n| Method | Path | Limit |\n| --- | --- | --- |\n| GET | /users/:id | 100 |\n| POST | /upload | 1,048,576 |',
  code:
    "import { Hono } from 'hono'\nimport { bodyLimit } from 'hono/body-limit'\n\nconst app = new Hono()\n\napp.post(\n" +
    "  '/upload',\n  bodyLimit({\n    maxSize: 50 * 1024, // 50kb\n    onError: (c) => {\n      return c.text('overflow', 413)\n" +
    "    },\n  }),\n  async (c) => {\n    const body = await c.req.parseBody()\n    if (body['file'] instanceof File) {\n" +
    '      console.log("Got file sized: " + body["file"].size)\n    }\n    return c.text("pass")\n  }\n)',
  German:
    'Die Begrenzung der Anfragegröße verhindert, dass ein Server durch übermäßig große Dateien überlastet wird. Sobald der ' +
    'zulässige Höchstwert überschritten ist, wird die Verbindung geschlossen und eine Fehlermeldung zurückgegeben.',
  French:
    'La taille du corps de la requête est limitée. Lorsque la limite est dépassée, le serveur renvoie une erreur et ferme ' +
    'la connexion. La valeur par défaut convient à la plupart des applications.',
  Russian:
    'Размер тела запроса ограничен. Если предел превышен, сервер возвращает сообщение об ошибке и закрывает соединение. ' +
    'Значение можно изменить в настройках, но лучше этого не делать без причины.',
  Greek:
    'Το μέγεθος του σώματος του αιτήματος είναι περιορισμένο. Όταν ξεπεραστεί το όριο, ο διακομιστής επιστρέφει σφάλμα.',
  Japanese:
    'リクエストボディの大きさには上限があります。上限を超えるとサーバーはエラーを返し、接続を閉じます。この値はミドルウェアの設定で変更できます。',
  Chinese: '请求正文的大小有上限。超过上限时，服务器会返回错误并关闭连接。可以在中间件的配置中更改这个数值。',
  Korean: '요청 본문의 크기에는 제한이 있습니다. 제한을 초과하면 서버는 오류를 반환하고 연결을 닫습니다.',
  Arabic:
    'يوجد حد أقصى لحجم نص الطلب. عند تجاوز الحد يعيد الخادم رسالة خطأ ويغلق الاتصال. يمكن تغييره في إعدادات البرمجية الوسيطة.',
  Hebrew: 'לגודל גוף הבקשה יש מגבלה. כאשר חורגים ממנה השרת מחזיר שגיאה וסוגר את החיבור.',
  Hindi: 'अनुरोध के मुख्य भाग का आकार सीमित है। सीमा पार होने पर सर्वर त्रुटि लौटाता है और कनेक्शन बंद कर देता है।',
  Thai: 'ขนาดของเนื้อหาคำขอมีขีดจำกัด เมื่อเกินขีดจำกัดเซิร์ฟเวอร์จะส่งข้อผิดพลาดและปิดการเชื่อมต่อ',
  hashes:
    'sha256-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 550e8400-e29b-41d4-a716-446655440000',
};

describe('the tokens of a generation model, against the o200k vocabulary', () => {
  const ratios = Object.entries(SAMPLES).map(
    ([name, text]) => [name, estimateGenerationTokens(text) / encode(text).length] as const,
  );

  it.each(ratios)('are never far below the real count, nor twice it: %s', (_name, ratio) => {
    expect(ratio).toBeGreaterThanOrEqual(0.8);
    expect(ratio).toBeLessThan(2);
  });

  it('are right on average, on the high side', () => {
    const mean = ratios.reduce((sum, [, ratio]) => sum + ratio, 0) / ratios.length;
    expect(mean).toBeGreaterThanOrEqual(1);
    expect(mean).toBeLessThanOrEqual(1.2);
  });
});
