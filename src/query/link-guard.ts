import type { Passage } from './answer.ts';
import { createCodeTracker } from './code-tracker.ts';

/** Takes the addresses out of a text that the passages do not have, while it is written. */
export interface LinkGuard {
  /** What can be shown now: an address is held until it ends. */
  push(text: string): string;
  end(): string;
}

// An address begins with one of these, or is whatever a Markdown link or image points to.
const BEGINNINGS = ['https://', 'http://', '//', 'www.'];
const DESTINATION = /\]\(\s*<?$/;
const ADDRESS_END = /[\s)>\]"'`|<*]/;
const ADDRESSES = /(?:https?:\/\/|\/\/(?=[\p{L}\p{N}])|\bwww\.)[^\s)>\]"'`|<*]+|(?<=\]\(\s*<?)[^\s)>\]"'`|<*]+/giu;
// A sentence's own punctuation is not its link's.
const PUNCTUATION = /[.,:;!?]*$/;
const ENDS_IN_WORD = /[\p{L}\p{N}]$/u;
const LOOK_BACK = 12;

/**
 * A model may be talked into an image or a link whose address carries what was asked to somebody else. An address is
 * shown when one of the passages has it, or a longer one that begins with it; of another one only the text of its link is
 * left. Blocks of code stay as they are: nobody's browser fetches what stands there.
 */
export function createLinkGuard(passages: readonly Passage[]): LinkGuard {
  const allowed = [...new Set(passages.flatMap(addressesOf))];
  const code = createCodeTracker();
  let shown = '';
  let recent = '';
  /** What may become an address, or is one. */
  let held = '';
  let isAddress = false;
  /** Nothing that begins like it is allowed: only its end is waited for. */
  let isForeign = false;

  return {
    push(text) {
      for (const unit of text.split('')) read(unit, code.step(unit) === 'fence');
      return take();
    },
    end() {
      release();
      return take();
    },
  };

  function take(): string {
    const taken = shown;
    shown = '';
    return taken;
  }

  function read(unit: string, isFenced: boolean): void {
    if (isAddress && !ADDRESS_END.test(unit)) {
      grow(unit);
      return;
    }
    if (isAddress || isFenced) release();
    if (isFenced) {
      show(unit);
      return;
    }
    if (held === '' && DESTINATION.test(recent) && !ADDRESS_END.test(unit)) {
      isAddress = true;
      grow(unit);
      return;
    }
    if (held !== '' && !isBeginning(held + unit)) release();
    const candidate = held + unit;
    // No word that only ends in `http` is held: two slashes are an address wherever they stand.
    if (isBeginning(candidate) && (held !== '' || unit === '/' || !ENDS_IN_WORD.test(recent))) {
      held = candidate;
      isAddress = BEGINNINGS.includes(candidate.toLowerCase());
      return;
    }
    show(unit);
  }

  function grow(unit: string): void {
    held += unit;
    if (!isForeign && !isAllowed(held)) isForeign = true;
    // The rest of it is not needed, but for punctuation that may turn out to be the sentence's.
    if (isForeign) held = PUNCTUATION.exec(held)?.[0] ?? '';
  }

  function isAllowed(address: string): boolean {
    if (isBeginning(address)) return true;
    const bare = normalised(address.replace(PUNCTUATION, ''));
    return allowed.some((other) => other.startsWith(bare));
  }

  function release(): void {
    const text = held;
    held = '';
    isAddress = false;
    isForeign = false;
    show(text);
  }

  function show(text: string): void {
    shown += text;
    recent = (recent + text).slice(-LOOK_BACK);
  }
}

function isBeginning(text: string): boolean {
  return BEGINNINGS.some((beginning) => beginning.startsWith(text.toLowerCase()));
}

function addressesOf({ text, url }: Passage): string[] {
  const found = [...text.matchAll(ADDRESSES)].map(([address]) => address);
  return [...found, ...(url === null ? [] : [url])].map(normalised);
}

/** However its scheme is written, or left out. */
function normalised(address: string): string {
  return address.replace(/^https?:/i, '').replace(/^www\./i, '//www.');
}
