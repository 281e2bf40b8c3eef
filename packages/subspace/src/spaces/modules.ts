import { type LinearSite, linearSizes, type ParameterRef, rangeOf, rowsOf } from '@ntk-lens/models';

/** Checkpoint name of a linear site's module: the weight's name without `.weight`. */
export const moduleOf = ({ weight }: LinearSite): string => weight.name.replace(/\.weight$/, '');

/** Inputs and outputs of a linear site's module as a whole, of which the site may use a part. */
export const moduleSizes = ({
  weight: { name, shape },
  inFirst = false,
}: LinearSite): { readonly inSize: number; readonly outSize: number } =>
  linearSizes({ weight: { name, shape }, inFirst });

/** The part that a linear site uses of a tensor with a row for each output of its module. */
export const outputPart = ({ weight }: LinearSite): Pick<ParameterRef, 'part'> => {
  const [rows, range] = [rowsOf(weight), rangeOf(weight)];
  if (rows) return { part: { rows } };
  return range ? { part: { ...range, axis: 0 } } : {};
};
