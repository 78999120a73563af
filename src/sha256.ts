const HEX_DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Of the text in UTF-8, as 64 hexadecimal digits. */
export async function sha256Hex(content: string | Uint8Array): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  // In one piece: there are two of every chunk.
  const digits = new Uint8Array(2 * digest.length);
  for (let at = 0; at < digest.length; at += 1) {
    const byte = digest[at] ?? 0;
    digits[2 * at] = HEX_DIGITS[byte >> 4] ?? 0;
    digits[2 * at + 1] = HEX_DIGITS[byte & 15] ?? 0;
  }
  return String.fromCharCode(...digits);
}
