import { describe, expect, it } from 'vitest';
import { isNegated, withoutNegation } from './negation.ts';

describe('a text that denies what another one says', () => {
  it.each([
    ['Лимит применяется к потокам.', 'Лимит не применяется к потокам.'],
    ['Есть ограничение.', 'Ограничения нет.'],
    ['Запросы с токеном отклоняются.', 'Запросы без токена отклоняются.'],
    ['Die Grenze gilt für Datenströme.', 'Die Grenze gilt nicht für Datenströme.'],
    ['Es gibt eine Grenze.', 'Es gibt keine Grenze.'],
    ['限制适用于数据流。', '限制不适用于数据流。'],
    ['该功能有限制。', '该功能没有限制。'],
    ['可以禁用此选项。', '无法禁用此选项。'],
    ['يُطبَّق الحد على التدفقات.', 'لا يُطبَّق الحد على التدفقات.'],
    ['الحد مطبق على التدفقات.', 'الحد ليس مطبقًا على التدفقات.'],
    ['تُقبل الطلبات ولها رمز.', 'تُقبل الطلبات بدون رمز.'],
    ['El límite se aplica a los flujos.', 'El límite no se aplica a los flujos.'],
    ['El límite se aplica.', 'El límite jamás se aplica.'],
    ['Hay un límite.', 'No hay ningún límite.'],
    ['O limite se aplica.', 'O limite não se aplica.'],
    ['制限は適用されます。', '制限は適用されません。'],
    ['제한이 적용됩니다.', '제한이 적용되지 않습니다.'],
    ['It is applied.', 'It isn’t applied.'],
  ])('is told from it: %s / %s', (said, denied) => {
    expect([isNegated(said), isNegated(denied)]).toEqual([false, true]);
  });

  it.each([
    'Неделя и нетто, безопасность.',
    'Die Nichte kennt Notizen.',
    '不同的请求不仅很快，而且差不多。未来会更好。',
    '上限は1MB未満で、少ない。',
    'خلال الاسم والأسلاك، والملفات كلها.',
    'Los nodos, las notas y el sinónimo.',
    'See No. 5 of the notes.',
  ])('is no text with such letters inside of its words: %s', (text) => {
    expect(isNegated(text)).toBe(false);
  });

  it('may deny twice, and then it says the same', () => {
    expect(isNegated('It is not without a limit.')).toBe(false);
    expect(isNegated('Nunca se aplica sin un token.')).toBe(false);
    expect(isNegated('No se aplica nunca.')).toBe(true);
  });

  it('says the same words without its negation', () => {
    expect(withoutNegation('No se aplica nunca.').trim().replace(/\s+/g, ' ')).toBe('se aplica .');
  });
});
