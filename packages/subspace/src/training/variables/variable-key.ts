import type { ParameterRange } from '@ntk-lens/models';

/** The stable name of a variable: that of the stored tensor, and the range where it is one. */
export const keyOf = (stored: string, range: ParameterRange | undefined): string => {
  if (!range) return stored;
  const { axis, start, size, blocks = 1, stride = size } = range;
  return `${stored}[${axis}:${start}+${size}${blocks > 1 ? `x${blocks}/${stride}` : ''}]`;
};

/** The parts of such a name. */
export const parseKey = (key: string): { readonly stored: string; readonly range?: ParameterRange } => {
  const match = /^(.*)\[(\d+):(\d+)\+(\d+)(?:x(\d+)\/(\d+))?\]$/.exec(key);
  if (!match) return { stored: key };
  const [axis, start, size] = match.slice(2, 5).map(Number) as [number, number, number];
  const repeated = match[5] ? { blocks: Number(match[5]), stride: Number(match[6]) } : {};
  return { stored: match[1]!, range: { axis, start, size, ...repeated } };
};
