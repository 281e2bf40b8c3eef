/** A number as people write it in a figure: 4 significant digits, powers of ten for the very large and small. */
export const tickText = (value: number): string => {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) {
    const [digits, exponent] = value.toExponential(3).split('e') as [string, string];
    const power = superscript(Number(exponent));
    const factor = String(Number(digits));
    return factor === '1' ? `10${power}` : factor === '-1' ? `−10${power}` : `${minus(factor)}·10${power}`;
  }
  return minus(String(Number(value.toPrecision(4))));
};

const minus = (text: string): string => text.replace('-', '−');

const superscript = (exponent: number): string =>
  [...String(exponent)].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('');
