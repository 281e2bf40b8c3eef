import type { CheckedOptimizer } from '@ntk-lens/lens/defaults';
import type { Finding } from '@ntk-lens/tensor-programs';
import { type CheckResult, checkCell } from '../cells/check-cell.js';
import type { ProtocolCell, Results } from '../cells/protocol-cell.js';
import { beginsShots, type SampleGroup, sampleGroups } from './over-seeds.js';
import type { PartRequest } from './part.js';

/** Optimizers of a reproduction that a check measures. */
export const checkedOf = ({ config }: PartRequest): readonly CheckedOptimizer[] =>
  config.optimizers.filter((name) => name !== 'signgd');

/** The check of a group; none where no optimizer is asked for that a check measures. */
export const checkOf = (request: PartRequest, { run }: SampleGroup): ProtocolCell<CheckResult>[] => {
  const optimizers = checkedOf(request);
  return optimizers.length === 0 ? [] : [checkCell(run, request.config.check, optimizers)];
};

/** A check of one task and optimizer, for a row of a table. */
export interface CheckedRow {
  readonly group: SampleGroup;
  readonly name: CheckedOptimizer;
  /** Whether a rule stands above the row. */
  readonly rule: boolean;
  /** Absent where it did not run. */
  readonly found?: {
    /** Findings about all optimizers. */
    readonly findings: readonly Finding[];
    /** Measurements of this optimizer, one for each seed. */
    readonly seeds: CheckResult['optimizers'];
  };
}

/** The checks of all groups, a row for each task and optimizer. */
export const checkedRows = (request: PartRequest, results: Results): readonly CheckedRow[] => {
  const groups = sampleGroups(request);
  return groups.flatMap((group, i) =>
    checkOf(request, group).flatMap((cell) => {
      const result = results(cell);
      return checkedOf(request).map((name, k) => ({
        ...{ group, name, rule: k === 0 && beginsShots(groups, i) },
        found: result && {
          findings: result.findings,
          seeds: result.optimizers.filter(({ optimizer }) => optimizer === name),
        },
      }));
    }),
  );
};
