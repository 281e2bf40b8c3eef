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
  const include = (patterns.include ?? ['*']).map(toRegExp);
  const exclude = (patterns.exclude ?? []).map(toRegExp);
  return (name) => include.some((p) => p.test(name)) && !exclude.some((p) => p.test(name));
};

const toRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .split('*')
      .map((literal) => literal.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
  );
