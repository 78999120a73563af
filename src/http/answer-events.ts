import * as z from 'zod';
import { answerSchema, citationSchema, passageSchema, rewrittenQuestionSchema } from '../query/answer.ts';
import { problemSchema } from './errors.ts';

const sourcesEvent = z.object({
  type: z.literal('sources'),
  passages: z.array(passageSchema),
  rewrittenQuestion: rewrittenQuestionSchema,
});
const deltaEvent = z.object({ type: z.literal('delta'), text: z.string() });
const citationEvent = z.object({ type: z.literal('citation'), citation: citationSchema });
const doneEvent = z.object({ type: z.literal('done'), answer: answerSchema });
const errorEvent = z.object({ type: z.literal('error'), problem: problemSchema });

/** What comes in a streamed answer. `done` and `error` are the last of their stream. */
export const answerEventSchema = z
  .discriminatedUnion('type', [sourcesEvent, deltaEvent, citationEvent, doneEvent, errorEvent])
  .meta({ id: 'AnswerEvent', description: 'The data of each event; `type` is the event’s name as well.' });

export type AnswerEvent = z.infer<typeof answerEventSchema>;

/** https://html.spec.whatwg.org/multipage/server-sent-events.html: JSON has no line breaks outside its strings' escapes. */
export function formatEvent(event: AnswerEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A comment, which clients pass over. */
export const HEARTBEAT = ':\n\n';

/** For the description of the route. */
export const EXAMPLE_STREAM = [
  'event: sources\ndata: {"type":"sources","passages":[{"n":1,"documentId":"guide.md","text":"The limit is one megabyte.",…}],"rewrittenQuestion":null}',
  ':',
  'event: delta\ndata: {"type":"delta","text":"It is one megabyte [1]"}',
  'event: citation\ndata: {"type":"citation","citation":{"n":1,"documentId":"guide.md","quote":"The limit is one megabyte.",…}}',
  'event: delta\ndata: {"type":"delta","text":"."}',
  'event: done\ndata: {"type":"done","answer":{"answer":"It is one megabyte [1].",…}}',
  '',
].join('\n\n');
