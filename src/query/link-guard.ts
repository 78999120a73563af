import { addressesOf, comparable, decoded, PUNCTUATION } from './addresses.ts';
import type { Passage } from './answer.ts';
import { createBracketTracker } from './bracket-tracker.ts';
import { createCodeTracker } from './code-tracker.ts';
import { addressAt, destinationOf, endOfLink, isText } from './link-destination.ts';

/** Takes the addresses out of a text that the passages do not have, while it is written. */
export interface LinkGuard {
  /** What can be shown now: an address is held until it ends. */
  push(text: string): string;
  end(): string;
}

const REMOVED = '…';
const MOST_HELD = 2_048;
const BEGINNINGS = ['https:', 'http:', 'ftp:', 'www.', 'javascript:', 'vbscript:'].concat(
  ['text/', 'image/', 'application/'].map((type) => `data:${type}`),
);
// No address begins with it.
const PLAIN = /^[^<hfwjvd/]/i;
// The beginning alone, in a text about addresses.
const BEGUN_ONLY = /^[a-z]*:?[/\\]*$/i;
// As far as an address goes that stands by itself. Renderers take in more: see `isAfterAddress`.
const BARE = /^[\w\-.~:/?#@!$&+,;=%\\]*/;
// What Markdown renderers leave out of an address when it ends there.
const CLOSING = /^[.,:;!?*_~'")\]|`}>]/;
// In code, where brackets before parentheses are calls and indexes: what leads to another host, or runs.
const DANGEROUS = /^[(:][\s>]*(?:<|\/[/\\&]|[a-z][a-z\d+.-]+:|[a-z\d+.:-]*[&\\])/i;
const MAYBE_DANGEROUS = /^[(:][\s>]*(?:\/|[a-z\d+.:-]*)$/i;

/**
 * A model may be talked into an image or a link whose address carries what was asked to somebody else. An address is shown
 * when, as a whole, it is one of the passages'; of another one a mark is left, and a link to it is taken apart. Prose has no
 * HTML either. A renderer may take code for prose: its addresses are judged too.
 */
export function createLinkGuard(passages: readonly Passage[]): LinkGuard {
  const allowed = addressesOf(passages);
  const code = createCodeTracker();
  const brackets = createBracketTracker();
  let waiting = '';
  let shown = '';
  /** What follows an address directly a renderer could take for a part of it. */
  let isAfterAddress = false;
  /** The rest of what was too long to be held. */
  let isDropping = false;

  return {
    push(text) {
      for (const unit of text.split('')) {
        waiting += unit;
        while (waiting !== '' && advance(false));
      }
      return take();
    },
    end() {
      while (waiting !== '') advance(true);
      return take();
    },
  };

  function take(): string {
    const taken = shown;
    shown = '';
    return taken;
  }

  /** Shows or drops something of what waits; false when it takes more text to tell. */
  function advance(isEnd: boolean): boolean {
    if (isDropping) return dropRest();
    const isDefinition = waiting.startsWith(':') && brackets.maybeLabel();
    const isLink = waiting.startsWith('(') && brackets.last() === ']';
    if (isAfterAddress && !isLink) return leaveAddress(isDefinition);
    if (isLink || isDefinition) return code.peek() === 'prose' ? readLink(isEnd) : readCall(isEnd);
    if (PLAIN.test(waiting)) return pass(1);
    if (waiting.startsWith('<') && code.peek() === 'prose') return readTag(isEnd);
    return readBare(isEnd);
  }

  function show(text: string): true {
    for (const unit of text.split('')) {
      code.step(unit);
      brackets.step(unit);
    }
    shown += text;
    return true;
  }

  function pass(length: number): true {
    show(waiting.slice(0, length));
    waiting = waiting.slice(length);
    return true;
  }

  function leaveAddress(isDefinition: boolean): true {
    if (CLOSING.test(waiting) && !isDefinition) return pass(1);
    isAfterAddress = false;
    return /^[ \t\n<]/.test(waiting) || show(' ');
  }

  function readBare(isEnd: boolean): boolean {
    const begun = beginning();
    if (begun === 'none' || (begun === 'unclear' && isEnd)) return pass(1);
    const run = BARE.exec(waiting)?.[0] ?? '';
    if (run === waiting && !isEnd) return run.length > MOST_HELD && remove(0, run.length, true);
    const address = run.replace(PUNCTUATION, '');
    if (!BEGUN_ONLY.test(address) && !allowed.has(comparable(address))) return remove(0, address.length);
    return passAddress(address.length);
  }

  function passAddress(length: number): true {
    isAfterAddress = code.peek() !== 'fence';
    return pass(length);
  }

  /** Without its opening bracket its address stands by itself, as that of a text that is an address may. */
  function passLink(length: number): true {
    const isWhole = !isAfterAddress && brackets.isLinkText();
    passAddress(length);
    isAfterAddress &&= !isWhole;
    return true;
  }

  function beginning(): 'address' | 'none' | 'unclear' {
    if (waiting === '/' || waiting === '//') return 'unclear';
    const last = brackets.last();
    // A comment in code begins with two slashes as well.
    if (/^\/\/[\p{L}\p{N}]/u.test(waiting)) return code.peek() === 'prose' || /["'=(]/.test(last) ? 'address' : 'none';
    if (/[\p{L}\p{N}]/u.test(last)) return 'none';
    const text = waiting.toLowerCase();
    if (BEGINNINGS.some((each) => text.startsWith(each))) return 'address';
    return BEGINNINGS.some((each) => each.startsWith(text)) ? 'unclear' : 'none';
  }

  /** `](…)` or `]: …`. */
  function readLink(isEnd: boolean): boolean {
    const destination = destinationOf(waiting);
    const { isDefinition, isPointed, address, start, rest } = destination;
    if (destination.isOpen && !isEnd) return waiting.length > MOST_HELD && remove(start, waiting.length, true);
    if (/^\([ \t\n]*\)/.test(waiting)) return pass(1);
    const end = allowed.has(comparable(address)) ? endOfLink(destination, isEnd) : 'open';
    if (end === 'unclear' && waiting.length <= MOST_HELD) return false;
    if (typeof end === 'number') return passLink(end);
    if (!isText(destination)) return remove(start, destination.end + Number(rest.startsWith('>')));
    if (!isDefinition || isPointed) show(' ');
    isAfterAddress = false;
    return pass(1);
  }

  /** `names[0](x)` leads nowhere else, also when a renderer takes it for a link. */
  function readCall(isEnd: boolean): boolean {
    if (DANGEROUS.test(waiting) || waiting.length > MOST_HELD) return readLink(isEnd);
    return (isEnd || !MAYBE_DANGEROUS.test(waiting)) && pass(1);
  }

  /** No HTML, but for an address in angle brackets. */
  function readTag(isEnd: boolean): boolean {
    if (waiting === '<' && !isEnd) return false;
    if (!/^<[a-z/!?]/i.test(waiting)) return pass(1);
    const address = BARE.exec(waiting.slice(1))?.[0] ?? '';
    const end = 1 + address.length;
    if (end === waiting.length && !isEnd && end <= MOST_HELD) return false;
    const isWhole = waiting[end] === '>' && /^[a-z][a-z\d+.-]+:/i.test(address) && decoded(address) === address;
    if (isWhole && allowed.has(comparable(address))) return pass(end + 1);
    return pass(1) && show(' ');
  }

  /**
   * The mark stands for what is removed, so that nothing before and after it becomes one. No renderer takes `] (` for a
   * link, nor `] :` for the definition of one.
   */
  function remove(from: number, to: number, isLong = false): true {
    if (from > 0) show(' ');
    pass(from);
    waiting = waiting.slice(to - from);
    isAfterAddress = false;
    isDropping = isLong;
    return show(REMOVED);
  }

  function dropRest(): true {
    const { length } = addressAt(waiting);
    isDropping = length === waiting.length;
    waiting = waiting.slice(length);
    return true;
  }
}
