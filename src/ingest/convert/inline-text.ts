/** Inline elements that are still open. */
type Frame =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'link'; text: string; to: string };

const MAX_FRAMES = 8;
const WHITE_SPACE = /[\t\n\f\r \u00a0]+/g;
const WITHOUT_WIDTH = /[\u00ad\u200b\u2060\ufeff]/g;
const PERMALINK = /^[#¶§🔗]?$/u;

/** The line that is being read, with its links and code. */
export function createInlineText() {
  let frames: Frame[] = [{ kind: 'text', text: '' }];

  function append(text: string): void {
    const top = frames.at(-1);
    if (top !== undefined) top.text += text;
  }

  function closeTop(): void {
    const top = frames.length > 1 ? frames.pop() : undefined;
    if (top !== undefined) append(wrapped(top));
  }

  return {
    length: () => frames.reduce((sum, { text }) => sum + text.length, 0),

    text(data: string): void {
      append(data.replace(WITHOUT_WIDTH, '').replace(WHITE_SPACE, ' '));
    },

    lineBreak: () => append('\n'),

    /** Opens inline code or a link, and says how to close it. */
    open(frame: { kind: 'code' } | { kind: 'link'; to: string }): () => void {
      const isInCode = frames.some(({ kind }) => kind === 'code');
      if (frames.length > MAX_FRAMES || isInCode) return () => {};
      const depth = frames.length;
      frames.push({ ...frame, text: '' });
      return () => {
        while (frames.length > depth) closeTop();
      };
    },

    /** What has been read so far, and a new line; what is open goes on there. */
    take(): string {
      const reopened = frames.map((frame) => ({ ...frame, text: '' }));
      while (frames.length > 1) closeTop();
      const line = frames[0]?.text ?? '';
      frames = reopened;
      return line
        .split('\n')
        .map((part) => part.replace(/ {2,}/g, ' ').trim())
        .filter((part) => part !== '')
        .join('\n');
    },
  };
}

/** Of the runs of backticks, of which there may be very many. */
export function longestBackticks(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

function wrapped(frame: Frame): string {
  const text = frame.text.replace(/ {2,}/g, ' ');
  const inner = text.trim();
  switch (frame.kind) {
    case 'text':
      return text;
    case 'code': {
      if (inner === '') return text;
      const longest = longestBackticks(inner);
      const fence = '`'.repeat(longest + 1);
      const room = longest > 0 ? ' ' : '';
      return spaced(text, `${fence}${room}${inner.replaceAll('\n', ' ')}${room}${fence}`);
    }
    case 'link': {
      if (PERMALINK.test(inner)) return ' ';
      const shown = inner.replaceAll('\n', ' ').replace(/[[\]]/g, '\\$&');
      return spaced(text, `[${shown}](${frame.to})`);
    }
  }
}

/** White space inside an element stays outside of its markup. */
function spaced(text: string, marked: string): string {
  return `${text.startsWith(' ') ? ' ' : ''}${marked}${text.endsWith(' ') ? ' ' : ''}`;
}
