const BEGIN = '<think>';
const END = '</think>';

/** What of a model's text is its answer: without what it thinks aloud first, and without white space around it. */
export interface AnswerText {
  push(text: string): string;
  end(): string;
}

export function createAnswerText(): AnswerText {
  let state: 'beginning' | 'thinking' | 'answering' = 'beginning';
  let held = '';

  function push(text: string): string {
    held += text;
    if (state === 'beginning') {
      held = held.trimStart();
      if (held.length < BEGIN.length && BEGIN.startsWith(held)) return '';
      state = held.startsWith(BEGIN) ? 'thinking' : 'answering';
    }
    if (state === 'thinking') {
      const end = held.indexOf(END);
      if (end === -1) {
        held = held.slice(-(END.length - 1));
        return '';
      }
      held = held.slice(end + END.length);
      state = 'beginning';
      return push('');
    }
    const shown = held.trimEnd();
    held = held.slice(shown.length);
    return shown;
  }

  return {
    push,
    end: () => (state === 'beginning' ? held.trimEnd() : ''),
  };
}
