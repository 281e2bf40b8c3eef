import type { NumbersPart } from '@ntk-lens/report/page';
import { meanAndSd } from '@ntk-lens/solvers';
import { isPercent } from '../metric-format.js';

/** A method with its test results, one of each seed. */
export interface NamedValues {
  readonly name: string;
  readonly values: readonly number[];
  readonly strong?: boolean;
}

/** Test results at the top of a page: a number, or mean ± sd over seeds. */
export const numbersPart = (metric: string, methods: readonly NamedValues[]): NumbersPart => {
  const text = (value: number): string =>
    isPercent(metric) ? (100 * value).toFixed(1) : value.toFixed(3).replace('-', '−');
  return {
    kind: 'numbers',
    numbers: methods
      .filter(({ values }) => values.length > 0)
      .map(({ name, values, strong }) => {
        const { mean, sd } = meanAndSd(values);
        const unit = isPercent(metric) ? ' %' : '';
        return {
          ...{ name, strong, note: `test ${metric}` },
          value: values.length > 1 ? `${text(mean)} ± ${text(sd)}${unit}` : `${text(mean)}${unit}`,
        };
      }),
  };
};
