import { relative } from 'node:path';

/** A path as a person would type it: relative where it lies below the current directory. */
export const shownPath = (path: string): string => {
  const below = relative(process.cwd(), path);
  return below === '' || below.startsWith('..') ? path : below;
};
