import type { Finding } from '../verdict.js';
import type { AbcAssignment } from './abc-assignment.js';
import { type ClassifyAbcOptions, classifyAbc } from './classify-abc.js';

/**
 * {@link classifyAbc} as rows of a check: stable, non-trivial, kernel behaviour. Exponents are exact, so none has an
 * interval.
 *
 * @param subject names the assignment, e.g. `μP, Adam`
 * @example
 * ```ts
 * const mup = namedParametrization('mup', { optimizer: 'sgd', hiddenLayers: 2 });
 * abcFindings(mup, 'μP, SGD').map(({ condition, verdict }) => `${condition}: ${verdict}`);
 * // ['stable: holds', 'non-trivial: holds', 'kernel regime: fails']
 * ```
 */
export const abcFindings = (
  assignment: AbcAssignment,
  subject: string,
  options: ClassifyAbcOptions = {},
): readonly Finding[] => {
  const found = classifyAbc(assignment, options);
  const learning = found.layers.filter(({ learnsFeatures }) => learnsFeatures).map(({ layer }) => layer);
  const source = 'Yang & Hu 2021 (SGD), Yang & Littwin 2023 (entrywise)';
  return [
    {
      condition: 'stable',
      subject,
      verdict: found.stable ? 'holds' : 'fails',
      measure: 'conditions on (a, b, c) that fail',
      statistic: found.violations.length,
      threshold: '= 0',
      definition: `activations, features and logits neither vanish nor blow up with width; ${source}`,
      note: found.stable ? undefined : found.violations.join('; '),
    },
    {
      condition: 'non-trivial',
      subject,
      verdict: found.nontrivial ? 'holds' : 'fails',
      measure: 'e, where f changes by n^(−e)',
      statistic: found.layers.at(-1)!.change.valueOf(),
      threshold: `≤ ${options.lossDerivative ?? 0}`,
      definition: `training moves the output by the order of χ; ${source}`,
      note: `initial function: ${found.initialFunction}`,
    },
    {
      condition: 'kernel regime',
      subject,
      verdict: !(found.stable && found.nontrivial) ? 'cannot tell' : found.r.gt(0) ? 'holds' : 'fails',
      measure: 'r, where features change by n^(−r)',
      statistic: found.r.valueOf(),
      threshold: '> 0',
      definition: `stable, non-trivial and r > 0; r = 0 is feature learning; ${source}`,
      note:
        found.stable && found.nontrivial
          ? learning.length > 0
            ? `features move after matrices ${learning.join(', ')}`
            : 'features stay'
          : 'the two regimes are defined for stable, non-trivial assignments',
    },
  ];
};
