import { BadArgumentError } from '@ntk-lens/core';

/** Delimiters that are found by themselves, in the order in which they are preferred. */
export const knownDelimiters = [',', ';', '\t', '|'] as const;

/** @throws BadArgumentError */
export const checkDelimiter = (delimiter: string | undefined): void => {
  if (delimiter === undefined || delimiter === 'auto' || /^[^"\r\n]$/u.test(delimiter)) return;
  throw new BadArgumentError(
    'delimiter',
    delimiter,
    'one character that is neither a quote nor a line break, or "auto"',
  );
};

/** The delimiter that Excel's first line `sep=;` names, and the text without that line, whose number stays. */
export const namedDelimiter = (text: string): readonly [delimiter: string, rest: string] | undefined => {
  const line = /^"?sep=([^"\r\n])"?(?=[\r\n])/iu.exec(text);
  return line ? [line[1]!, text.slice(line[0].length)] : undefined;
};

const SAMPLE = 2 ** 16;
const ROWS = 20;

/**
 * The delimiter of a CSV file by its first rows: the one that is in each of them equally often, and among several the most
 * frequent; a comma where there is none. Quoted cells are not looked at.
 */
export const findDelimiter = (text: string): string => {
  const rows = countedRows(text.slice(0, SAMPLE));
  const first = rows[0] ?? knownDelimiters.map(() => 0);
  const even = first.map((count, d) => count > 0 && rows.every((row) => row[d] === count));
  const score = (d: number): number => (even[d] ? 2 ** 20 : 0) + first[d]!;
  let best = 0;
  for (const d of knownDelimiters.keys()) if (score(d) > score(best)) best = d;
  return knownDelimiters[best]!;
};

/** Counts of every delimiter in each of the first rows that are whole, outside quotes. */
const countedRows = (sample: string): readonly (readonly number[])[] => {
  const rows: number[][] = [];
  let counts: number[] = knownDelimiters.map(() => 0);
  let [quoted, started] = [false, false];
  const end = (): void => {
    if (started) rows.push(counts);
    counts = knownDelimiters.map(() => 0);
    started = false;
  };
  for (const character of sample) {
    if (rows.length === ROWS) return rows;
    if (!quoted && (character === '\n' || character === '\r')) {
      end();
      continue;
    }
    started = true;
    if (character === '"') quoted = !quoted;
    const d = quoted ? -1 : knownDelimiters.indexOf(character as ',');
    if (d >= 0) counts[d]!++;
  }
  // The last row of a sample may be cut; that of a whole file is not.
  if (sample.length < SAMPLE && !quoted) end();
  return rows;
};
