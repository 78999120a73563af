const HEX_DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const LENGTH = 64;

/** Of the text in UTF-8, as 64 hexadecimal digits or the first of them. */
export async function sha256Hex(content: string | Uint8Array, length = LENGTH): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  // In one piece, and no longer than asked for: there are two of every chunk, and a slice would keep the whole.
  const digits = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) {
    const byte = digest[at >> 1] ?? 0;
    digits[at] = HEX_DIGITS[at % 2 === 0 ? byte >> 4 : byte & 15] ?? 0;
  }
  return new TextDecoder().decode(digits);
}
