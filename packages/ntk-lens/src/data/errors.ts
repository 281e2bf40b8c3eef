import { NtkLensError } from '@ntk-lens/core';

/** Written k-shot files that are not those of a list of MD5 sums. */
export class SplitChecksumError extends NtkLensError {
  static readonly code = 'SPLIT_CHECKSUM';
  constructor(
    list: string,
    known: number,
    readonly wrong: readonly { readonly name: string; readonly md5: string; readonly expected: string }[],
  ) {
    const [first] = wrong;
    const found = first
      ? `${wrong.length} of ${known} files differ, first ${first.name}: found ${first.md5}, expected ${first.expected}. Check the full data, --shots and --mode: they are not those of the list.`
      : 'found none of the files that were written, expected <TASK>/<shots>-<seed>/<file>. Check --shots, --seeds and the list.';
    super(SplitChecksumError.code, 'failure', `${list}: ${found}`);
  }
}
