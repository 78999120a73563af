export interface PromptMessage {
  role: string;
  content: string;
}

export interface NumberedPassage {
  n: string;
  title: string;
  /** From 0, in the order of the prompt. */
  place: number;
  text: string;
}

/** The opening tag ends at the first `>` after a quote (or a bare number), since a title may contain `>`. */
const PASSAGE = /<passage\b([^\n]*?(?:["']|\bn=\d+))\s*>([\s\S]*?)<\/passage>/g;
const QUESTION = /<question(?:\s[^>]*)?>([\s\S]*?)<\/question>/g;

/** What a prompt asks, and the passages it gives: of the user's messages alone. */
export function readPrompt(messages: readonly PromptMessage[]): { question: string; passages: NumberedPassage[] } {
  const prompt = messages
    .filter((message) => message.role === 'user')
    .map((message) => message.content)
    .join('\n\n');
  return { question: questionOf(messages, prompt), passages: passagesOf(prompt) };
}

function passagesOf(prompt: string): NumberedPassage[] {
  return [...prompt.matchAll(PASSAGE)].map(([, attributes = '', text = ''], index) => ({
    n: /\bn\s*=\s*["']?(\d+)/.exec(attributes)?.[1] ?? String(index + 1),
    title: /\btitle\s*=\s*"([^"]*)"/.exec(attributes)?.[1] ?? '',
    place: index,
    text,
  }));
}

function questionOf(messages: readonly PromptMessage[], prompt: string): string {
  const marked = [...prompt.replace(PASSAGE, '').matchAll(QUESTION)].at(-1)?.[1];
  if (marked !== undefined) return marked;
  const last = messages.findLast((message) => message.role === 'user');
  return last ? last.content.replace(PASSAGE, '') : '';
}
