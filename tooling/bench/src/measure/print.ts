/** Prints cells in columns of their widths; a negative width aligns to the right. */
export const printRow = (widths: readonly number[], cells: readonly string[]): void => {
  const row = cells.map((cell, i) => (widths[i]! < 0 ? cell.padStart(-widths[i]!) : cell.padEnd(widths[i]!)));
  console.log(row.join('  ').trimEnd());
};

export const inSeconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;

export const inGigabytes = (mebibytes: number): string => `${((mebibytes * 2 ** 20) / 1e9).toFixed(2)} GB`;

export const verdict = (met: boolean): string => (met ? 'met' : 'NOT MET');
