import { NtkLensError } from './errors.js';
import { refuseStrayContent } from './stray-content.js';

/** A file that should be UTF-8 text and is something else. */
export class TextEncodingError extends NtkLensError {
  static readonly code = 'TEXT_ENCODING';
  /** @param place the file, and its line where one is known */
  constructor(place: string, found: string, advice: string) {
    super(TextEncodingError.code, 'input', `${place}: found ${found}, expected UTF-8 text. ${advice}`);
  }
}

const iconv = (encoding: string, file: string): string =>
  `Convert it by "iconv -f ${encoding} -t UTF-8 '${file.replace(/^.*[\\/]/, '')}' > utf8.txt".`;

/**
 * Decodes the content of a text file, which must be UTF-8.
 *
 * @param file name of the file in error messages
 * @param keepMark keeps a byte-order mark, which else is dropped
 * @throws TextEncodingError, which names what the file seems to be instead: another encoding, or no text; StrayContentError
 * @example
 * ```ts
 * const config = JSON.parse(decodeText(await readFile('config.json'), 'config.json'));
 * ```
 */
export const decodeText = (bytes: Uint8Array, file: string, keepMark = false): string => {
  const other = packedTable(bytes);
  if (other) throw new TextEncodingError(file, other[0], other[1]);
  refuseStrayContent(file, bytes, 'table');
  const wide = wideEncoding(bytes);
  if (wide !== undefined) throw new TextEncodingError(file, `${wide} text`, iconv(wide, file));
  const zero = bytes.indexOf(0);
  if (zero >= 0)
    throw new TextEncodingError(file, `a zero byte at offset ${zero}`, 'Text has none: check the file.');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: keepMark }).decode(bytes);
  } catch {
    const offset = firstInvalid(bytes);
    const shown = [...bytes.subarray(offset, offset + 4)].map((byte) => byte.toString(16).padStart(2, '0'));
    const likely = likelyEncodings(bytes);
    const line = bytes.subarray(0, offset).reduce((count, byte) => count + Number(byte === 10), 1);
    throw new TextEncodingError(
      `${file}:${line}`,
      `bytes ${shown.join(' ')} at offset ${offset} that are no UTF-8, perhaps ${likely.join(' or ')}`,
      iconv(likely[0]!, file),
    );
  }
};

/** Tables of other programs. */
const packedTable = (bytes: Uint8Array): readonly [found: string, advice: string] | undefined => {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  if (start === 'PK\x03\x04') return ['a zip archive, as .xlsx files are', 'Save a table as CSV in UTF-8.'];
  if (start === '\xd0\xcf\x11\xe0') return ['a file of an old office program', 'Save it as CSV in UTF-8.'];
  if (start === 'PAR1') return ['a Parquet file', 'Save it as CSV or JSON lines.'];
  return undefined;
};

/** UTF-16 and UTF-32, by their mark or by where their zero bytes lie. */
const wideEncoding = (bytes: Uint8Array): string | undefined => {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32LE' : 'UTF-16LE';
  if (a === 0xfe && b === 0xff) return 'UTF-16BE';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'UTF-32BE';
  const sample = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  for (const [i, byte] of sample.entries()) if (byte === 0) zeros[i % 2]!++;
  // Every ASCII character has one; text of other scripts has at least line ends, commas and digits.
  const some = sample.length / 100;
  if (zeros[1]! > some && zeros[0]! * 3 < zeros[1]!) return 'UTF-16LE';
  if (zeros[0]! > some && zeros[1]! * 3 < zeros[0]!) return 'UTF-16BE';
  return undefined;
};

/** Offset of the first byte that is no part of UTF-8. */
const firstInvalid = (bytes: Uint8Array): number => {
  let [good, bad] = [0, bytes.length];
  // A prefix that ends inside a character is not invalid yet: `stream` waits for the rest.
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  // The character that is broken may have begun before.
  for (let start = good - 1; start >= Math.max(0, good - 3); start--) {
    const byte = bytes[start]!;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return start + (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > good ? start : good;
  }
  return good;
};

/** Encodings whose characters take two bytes and begin with one above 127. */
const double = { shift_jis: 'SHIFT_JIS', gb18030: 'GB18030', big5: 'BIG5', 'euc-kr': 'EUC-KR' } as const;

/** Encodings that the bytes may be in, by how their bytes above 127 stand together. */
const likelyEncodings = (bytes: Uint8Array): readonly string[] => {
  let [high, runs] = [0, 0];
  for (const [i, byte] of bytes.entries()) {
    if (byte < 0x80) continue;
    high++;
    if (i === 0 || bytes[i - 1]! < 0x80) runs++;
  }
  // Letters with accents stand alone among letters without.
  if (high < 1.6 * runs) return ['WINDOWS-1252'];
  const found = Object.entries(double).flatMap(([name, shown]) => {
    try {
      new TextDecoder(name, { fatal: true }).decode(bytes);
      return [shown];
    } catch {
      return [];
    }
  });
  return found.length > 0 ? found : ['WINDOWS-1252'];
};
