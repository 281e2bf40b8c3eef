import { BadArgumentError, type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import { type LadderExponents, ladderFindings } from '../../ladder/ladder-findings.js';
import type { LadderRung } from '../../ladder/ladder-rung.js';
import {
  firstOrderChange,
  measureStep,
  type StepMeasurement,
  weightedKernel,
} from '../../ladder/measure-step.js';
import type { RungMeasurement } from '../../ladder/rung-measurement.js';
import {
  type LadderOptimizer,
  type LadderStep,
  type LadderStepKind,
  ladderStepKinds,
  ladderSteps,
} from '../../ladder/step-kinds.js';
import type { Finding } from '../../verdict.js';
import { type OpenRungOptions, withRung } from './open-rung.js';
import { readLadder } from './read-ladder.js';
import { rungChi } from './rung-chi.js';

export interface LadderCheck {
  readonly rungs: readonly RungMeasurement[];
  readonly exponents: LadderExponents;
  readonly findings: readonly Finding[];
}

export interface CheckLadderOptions extends LongTaskOptions, OpenRungOptions {
  /** Directories of a ladder that `pretrain` wrote, or of models that differ in width. */
  readonly directories: readonly string[];
  /** Full-batch steps. Default: 1. */
  readonly steps?: number;
  /**
   * Learning rates, the same at every width (before the parametrization's factors). Default: those at which one step
   * moves the logits of the narrowest models by 1 to first order, root mean square.
   */
  readonly learningRates?: Readonly<Partial<Record<LadderOptimizer, number>>>;
}

const chooseRate = async (
  options: OpenRungOptions,
  narrowest: readonly LadderRung[],
  { optimizer, probe }: LadderStep,
): Promise<number> => {
  const changes: number[] = [];
  for (const rung of narrowest) {
    const change = await withRung(options, rung, ({ kept, ...own }) => {
      const step = { optimizer, learningRate: probe };
      return kept(`probe-${optimizer}`, step, () => firstOrderChange({ ...own, ...step }));
    });
    changes.push(change);
  }
  const change = changes.reduce((sum, x) => sum + x, 0) / changes.length;
  if (!(change > 0))
    throw new BadArgumentError(
      'task',
      'gradients that vanish on the narrowest models',
      'examples with a gradient',
    );
  return probe / change;
};

/**
 * Checks whether a task behaves as the theorem of prompted fine-tuning says (docs/theory.md), on models of
 * one scheme and growing width. It asks whether the task is natural, that is, whether |χ| falls. It asks
 * whether linearization errors and kernel changes fall, for SGD with η = Θ(1), for SignGD with η fixed, for
 * which there is no theorem, and with η → 0.
 *
 * @example
 * ```ts
 * const { findings } = await checkLadder({ runtime, directories: ['ladder'], task: () => task });
 * for (const { condition, subject, verdict, statistic } of findings) console.log(condition, subject, verdict, statistic);
 * ```
 * @returns with fewer than three widths every verdict that needs a slope is "cannot tell", without a number
 * @throws NoLadderError, MixedLadderError; what loading models causes; DivergedError; CancelledError
 */
export const checkLadder = async (options: CheckLadderOptions): Promise<LadderCheck> => {
  const { steps = 1, signal, onProgress } = options;
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new BadArgumentError('steps', steps, 'a positive integer');
  const ladder = await readLadder(options.directories);
  const narrowest = ladder.filter(({ width }) => width === ladder[0]!.width);
  const rates: Partial<Record<LadderOptimizer, number>> = { ...options.learningRates };
  for (const step of Object.values(ladderSteps))
    rates[step.optimizer] ??= await chooseRate(options, narrowest, step);
  const rungs: RungMeasurement[] = [];
  for (const [i, rung] of ladder.entries()) {
    throwIfCancelled(signal, 'The ladder check');
    const m = rung.width / ladder[0]!.width;
    const measurement = await withRung(options, rung, async ({ kept, ...own }) => {
      const chi = await rungChi({ kept, ...own });
      // K₀, once for all steps that are not known.
      let kernel: ReturnType<typeof weightedKernel> | undefined;
      const measured: Partial<Record<LadderStepKind, StepMeasurement>> = {};
      for (const [k, kind] of ladderStepKinds.entries()) {
        const { optimizer, rateAt } = ladderSteps[kind];
        const step = { optimizer, learningRate: rateAt(rates[optimizer]!, m), steps };
        measured[kind] = await kept(kind, step, async () => {
          kernel ??= weightedKernel(own, own.model);
          return measureStep({ ...own, ...step }, await kernel);
        });
        onProgress?.({
          phase: 'ladder',
          done: i * ladderStepKinds.length + k + 1,
          total: ladder.length * ladderStepKinds.length,
          unit: 'steps',
          detail: `width ${rung.width}, seed ${rung.seed}, ${kind}`,
        });
      }
      return { chi, steps: measured as Readonly<Record<LadderStepKind, StepMeasurement>> };
    });
    const { directory, width, seed } = rung;
    rungs.push({ directory, width, seed, ...measurement });
  }
  const { exponents, findings } = ladderFindings(rungs);
  return { rungs, exponents, findings };
};
