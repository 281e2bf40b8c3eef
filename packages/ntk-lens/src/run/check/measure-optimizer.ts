import type { LongTaskOptions, NDArray } from '@ntk-lens/core';
import { type OptimizerName, optimizerNamed, predictions } from '@ntk-lens/subspace';
import { evaluate } from '@ntk-lens/tasks';
import {
  type EarlyAdam,
  type KernelAnalogue,
  type LinearizedPoint,
  measureEarlyAdam,
  measureFeatures,
  measureKernelAnalogue,
  measureLinearization,
  measureSteps,
  readTrajectory,
  type StepPair,
  type TrajectoryPoint,
} from '@ntk-lens/tensor-programs';
import type { OpenTuned } from '../finetune/tune-sample.js';
import type { CheckSettings } from './check-settings.js';
import type { CheckedOptimizer } from './checked-optimizers.js';
import type { OptimizerMeasurement, PointScores } from './measurements.js';

/** Measures a part, or reads it where an interrupted check left it. */
export type MeasurePart = <T>(name: string, measure: () => Promise<T>) => Promise<T>;

/** What the tuned model of one sample shows; kernels are solved elsewhere. */
export const measureOptimizer = async (
  tuned: OpenTuned,
  optimizer: CheckedOptimizer,
  settings: CheckSettings,
  part: MeasurePart,
  long: LongTaskOptions,
): Promise<Omit<OptimizerMeasurement, 'kernels'>> => {
  const { sample, space, task, runtime, labelWordIds, result } = tuned;
  const chosen = result.grid[result.chosen]!;
  const all = sample.examples.test;
  const probes = all.slice(0, settings.probes);
  const [metric] = task.metrics;
  const scoreOf = (logits: NDArray): number => {
    const count = logits.shape[0]!;
    return (
      evaluate(task, predictions(logits, task.range), sample.labels.test.slice(0, count))[metric] ??
      Number.NaN
    );
  };
  const scoresAt = (start: NDArray<'float64'>, point: LinearizedPoint): PointScores => ({
    step: point.step,
    zeroShot: scoreOf(start),
    linearized: scoreOf(plus(start, point.derivative)),
    tuned: scoreOf(point.logits),
    error: point.error,
  });
  const common = { runtime, space, labelWordIds, ...long };
  const last: TrajectoryPoint = { step: chosen.step, open: async () => tuned.model };
  const points = await readTrajectory(tuned.training, space);
  const { end, margins } = await part('end', async () => {
    const known = new Map([[last.step, tuned.logits]]);
    const { start, points: found } = await measureLinearization({
      ...{ ...common, examples: all, points: [last], known },
    });
    const [point] = found;
    const marginsOf = (logits: NDArray) => marginsFrom(logits, sample.labels.test);
    return {
      end: scoresAt(start, point!),
      margins: {
        start: marginsOf(start),
        linearized: marginsOf(plus(start, point!.derivative)),
        tuned: marginsOf(point!.logits),
      },
    };
  });
  const { path, steps } = await part('path', async () => {
    const measured = await measureLinearization({ ...common, examples: probes, points });
    return {
      path: measured.points.map((point) => scoresAt(measured.start, point)),
      steps: await measureSteps({ ...common, examples: probes, pairs: pairsOf(points, space), measured }),
    };
  });
  const { kernels, startsAs } = optimizerNamed(optimizer);
  const formula = kernels.main;
  const looked = [...points.filter(({ step }, i) => points[i + 1]?.step !== step + 1), last];
  const features = await part('features', () =>
    measureFeatures({ ...common, examples: sample.examples.train, formula, points: looked }),
  );
  return {
    shots: sample.shots,
    seed: sample.seed,
    optimizer,
    learningRate: chosen.learningRate,
    batchSize: chosen.batchSize,
    end,
    margins,
    path,
    steps,
    features: { formula, points: features },
    ...(startsAs &&
      (await part('first-steps', () => firstSteps(tuned, optimizer, startsAs.name, settings, chosen, long)))),
  };
};

const firstSteps = async (
  { sample, space, runtime, labelWordIds }: OpenTuned,
  optimizer: OptimizerName,
  startsAs: OptimizerName,
  settings: CheckSettings,
  { learningRate, batchSize }: { readonly learningRate: number; readonly batchSize: number },
  long: LongTaskOptions,
): Promise<{ readonly early: EarlyAdam; readonly analogues: readonly KernelAnalogue[] }> => {
  const training = {
    ...{ runtime, space, labelWordIds, learningRate, seed: sample.seed, steps: settings.earlySteps },
    train: { examples: sample.examples.train, labels: sample.labels.train },
    examples: sample.examples.test.slice(0, settings.probes),
    ...long,
  };
  const early = await measureEarlyAdam({ ...training, batchSize, optimizer: { name: optimizer } });
  const analogues =
    labelWordIds.length === 2
      ? await measureKernelAnalogue({ ...training, optimizers: [startsAs, optimizer] })
      : [];
  return { early, analogues };
};

/** Consecutive steps among the points, the first one from θ₀. */
const pairsOf = (points: readonly TrajectoryPoint[], start: Awaited<ReturnType<TrajectoryPoint['open']>>) => {
  const all = [{ step: 0, open: async () => start }, ...points.filter(({ step }) => step > 0)];
  return all.flatMap((to, i): StepPair[] => {
    const from = all[i - 1];
    return from && to.step === from.step + 1 ? [{ from, to }] : [];
  });
};

const plus = (x: NDArray<'float64'>, y: NDArray<'float64'>): NDArray<'float64'> => ({
  ...x,
  data: x.data.map((value, i) => value + y.data[i]!),
});

/** The logit of each example's label less the mean of the others. */
const marginsFrom = ({ data, shape }: NDArray, labels: readonly number[]): number[] => {
  const [, outputs = 0] = shape;
  return labels.map((label, i) => {
    const own = [...data.slice(i * outputs, (i + 1) * outputs)];
    const sum = own.reduce((a, b) => a + b, 0);
    return own[label]! - (sum - own[label]!) / (outputs - 1);
  });
};
