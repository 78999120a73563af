/** Bytes of a text between the quotes of its JSON form in UTF-8, without building it. A half of a pair counts as its escape. */
export function jsonBytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (isLow(text.charCodeAt(at + 1)) && isHigh(unit)) {
      bytes += 4;
      at += 1;
    } else bytes += bytesOfUnit(unit);
  }
  return bytes;
}

function bytesOfUnit(unit: number): number {
  if (unit === 0x22 || unit === 0x5c || (unit >= 0x08 && unit <= 0x0d && unit !== 0x0b)) return 2;
  if (unit < 0x20 || isHigh(unit) || isLow(unit)) return 6;
  if (unit < 0x80) return 1;
  return unit < 0x800 ? 2 : 3;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
