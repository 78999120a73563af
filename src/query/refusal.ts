import type { RefusalReason } from './answer.ts';
import { type Language, languageOf } from './language.ts';

const SENTENCES: Readonly<Record<Language, string>> = {
  en: 'The documents do not answer this question.',
  de: 'Die Dokumente beantworten diese Frage nicht.',
  fr: 'Les documents ne répondent pas à cette question.',
  es: 'Los documentos no responden a esta pregunta.',
  it: 'I documenti non rispondono a questa domanda.',
  pt: 'Os documentos não respondem a esta pergunta.',
  nl: 'De documenten geven geen antwoord op deze vraag.',
  ja: '文書にはこの質問の答えがありません。',
  zh: '文档没有回答这个问题。',
  ko: '문서에는 이 질문에 대한 답이 없습니다.',
  ru: 'В документах нет ответа на этот вопрос.',
  ar: 'لا تجيب المستندات عن هذا السؤال.',
};

export interface Refusal {
  reason: RefusalReason;
  /** In the language of the question as far as that can be told, else in English; the same for every reason. */
  sentence: string;
}

export function refusalOf(question: string, reason: RefusalReason): Refusal {
  return { reason, sentence: SENTENCES[languageOf(question) ?? 'en'] };
}
