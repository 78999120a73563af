/** What follows `]`, from its parenthesis or colon on. */
export interface LinkDestination {
  isDefinition: boolean;
  /** In angle brackets. */
  isPointed: boolean;
  address: string;
  /** Where the address begins, with its angle bracket. */
  start: number;
  /** Behind the address, without its angle bracket. */
  end: number;
  rest: string;
  /** More text may belong to the address. */
  isOpen: boolean;
}

// In a quote a line begins with `>`.
const BEFORE = /^(?:\(\s*|:[\s>]*)/;
const ADDRESS = /^(?:[^\s<>`[\]()]|\([^\s<>`[\]()]*\))*/;
const OPEN_PARENTHESIS = /^\([^\s<>`[\]()]*$/;
// No address of another host begins with what is not ASCII, and in some languages a sentence has no spaces.
const FOREIGN = /^(?!\p{ASCII})[\p{L}\p{N}\p{P}\p{S}]/u;
// Words in brackets, such as `[1](see below)`, are no address.
const WORDS = /^[^\s\p{C}:/\\#&@=|`]*$/u;
// What leads to another host, or runs. All else that a definition has is an address of the page's own host.
const ELSEWHERE = /^\/[/\\]|\\|&(?:#|\w+;)|[^\P{Cc}\s]|^[a-z][a-z\d+.-]*:\S/iu;
const TITLE = /^(?:[ \t]+"[^"<>`[\]\\\n]*")?[ \t]*\)/;
const TITLE_BEGUN = /^(?:[ \t]+(?:"[^"<>`[\]\\\n]*(?:"[ \t]*)?)?)?$/;

export function destinationOf(text: string): LinkDestination {
  const start = BEFORE.exec(text)?.[0].length ?? 1;
  const isPointed = text[start] === '<';
  const from = start + Number(isPointed);
  const address = addressAt(text.slice(from));
  const end = from + address.length;
  const rest = text.slice(end);
  const isOpen = (rest === '' || OPEN_PARENTHESIS.test(rest)) && !FOREIGN.test(address);
  return { isDefinition: text.startsWith(':'), isPointed, address, start, end, rest, isOpen };
}

export function addressAt(text: string): string {
  return ADDRESS.exec(text)?.[0] ?? '';
}

/** Nothing of it has to go when it is no address that is known. */
export function isText({ isDefinition, isPointed, address, rest }: LinkDestination): boolean {
  return isDefinition ? !ELSEWHERE.test(address + rest.slice(0, 1)) : !isPointed && WORDS.test(address);
}

/** Where a link ends, if every renderer takes what follows its address for its end. */
export function endOfLink(destination: LinkDestination, isEnd: boolean): number | 'open' | 'unclear' {
  const { isDefinition, isPointed, rest } = destination;
  if (isPointed && !rest.startsWith('>')) return 'open';
  const end = destination.end + Number(isPointed);
  const after = rest.slice(Number(isPointed));
  if (isDefinition) {
    if (after === '') return isEnd ? end : 'unclear';
    return /^[ \t\n]/.test(after) ? end : 'open';
  }
  const title = TITLE.exec(after)?.[0];
  if (title !== undefined) return end + title.length;
  return !isEnd && TITLE_BEGUN.test(after) ? 'unclear' : 'open';
}
