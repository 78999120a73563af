/** Redis prints its float increments with at most 17 decimals. Exact arithmetic on that grid keeps 0.1 + 0.2 at 0.3. */
const DECIMALS = 17;
const SCALE = 10n ** BigInt(DECIMALS);
/** The range of the 80-bit floats Redis computes with. */
const MAX_EXPONENT = 4932;
const FLOAT = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,4}))?$/i;

/** The number in units of 10⁻¹⁷, or null when Redis would not call the text a float. */
export function parseDecimal(text: string): bigint | null {
  const match = FLOAT.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (whole + fraction === '' || Math.abs(exponent) > MAX_EXPONENT) return null;
  const shift = exponent - fraction.length + DECIMALS;
  const digits = BigInt(whole + fraction);
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounding(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -magnitude : magnitude;
}

export function formatDecimal(scaled: bigint): string {
  const magnitude = scaled < 0n ? -scaled : scaled;
  const fraction = (magnitude % SCALE).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  const whole = (magnitude / SCALE).toString();
  return `${scaled < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function divideRounding(value: bigint, divisor: bigint): bigint {
  return (value + divisor / 2n) / divisor;
}
