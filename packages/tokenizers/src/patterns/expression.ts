import type { CharacterTest } from './character-set.js';

/** A regular expression as a tree. */
export type Expression =
  | { readonly type: 'set'; readonly test: CharacterTest; readonly parts?: number }
  | { readonly type: 'sequence'; readonly items: readonly Expression[] }
  | { readonly type: 'choice'; readonly branches: readonly Expression[] }
  | {
      readonly type: 'repeat';
      readonly body: Expression;
      readonly least: number;
      readonly most: number;
      readonly lazy: boolean;
    }
  | { readonly type: 'atomic'; readonly body: Expression }
  | {
      readonly type: 'look';
      readonly behind: boolean;
      readonly negate: boolean;
      readonly body: Expression;
    }
  | { readonly type: 'anchor'; readonly at: Anchor };

export type Anchor =
  | 'text-start'
  | 'text-end'
  | 'last-line-end'
  | 'line-start'
  | 'line-end'
  | 'word-edge'
  | 'word-inside';

/** Can match without taking a character. */
export const canBeEmpty = (e: Expression): boolean => {
  if (e.type === 'set') return false;
  if (e.type === 'sequence') return e.items.every(canBeEmpty);
  if (e.type === 'choice') return e.branches.some(canBeEmpty);
  if (e.type === 'repeat') return e.least === 0 || canBeEmpty(e.body);
  if (e.type === 'atomic') return canBeEmpty(e.body);
  return true;
};

/** Number of characters of every match; undefined if that varies. */
export const widthOf = (e: Expression): number | undefined => {
  if (e.type === 'set') return 1;
  if (e.type === 'look' || e.type === 'anchor') return 0;
  if (e.type === 'atomic') return widthOf(e.body);
  if (e.type === 'repeat') {
    const width = widthOf(e.body);
    return width !== undefined && e.least === e.most ? width * e.least : undefined;
  }
  const widths = (e.type === 'sequence' ? e.items : e.branches).map(widthOf);
  if (widths.includes(undefined)) return undefined;
  if (e.type === 'sequence') return widths.reduce<number>((sum, width) => sum + width!, 0);
  return widths.every((width) => width === widths[0]) ? widths[0] : undefined;
};
