import type { ParameterFilter } from './active-parameters.js';

/**
 * A parameter filter from globs on Hugging Face names: `*` stands for any characters. A name is taken when it
 * matches an `include` pattern (all do without one) and no `exclude` pattern.
 *
 * @example
 * ```ts
 * matchParameters({ exclude: ['*embed*'] })('bert.embeddings.LayerNorm.bias'); // false
 * matchParameters({ include: ['*bias*'] }); // BitFit's parameters
 * ```
 */
export const matchParameters = (patterns: {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}): ParameterFilter => {
  const include = (patterns.include ?? ['*']).map(globMatcher);
  const exclude = (patterns.exclude ?? []).map(globMatcher);
  return (name) => include.some((matches) => matches(name)) && !exclude.some((matches) => matches(name));
};

/**
 * True for names that a glob stands for. Every part between stars is looked for after the one before, at its first place: a
 * later place could only leave less room for the rest. So no pattern takes longer than to look through the name once.
 */
const globMatcher = (glob: string): ((name: string) => boolean) => {
  const [start = '', ...rest] = glob.split('*');
  const end = rest.pop();
  if (end === undefined) return (name) => name === start;
  const middle = rest.filter((part) => part !== '');
  return (name) => {
    if (!name.startsWith(start) || !name.endsWith(end)) return false;
    let from = start.length;
    for (const part of middle) {
      const at = name.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return from <= name.length - end.length;
  };
};
