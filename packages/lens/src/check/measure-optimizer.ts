import type { LongTaskOptions, NDArray } from '@ntk-lens/core';
import { type OptimizerName, predictions, type SpaceModel } from '@ntk-lens/subspace';
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
  type StepPair,
  type TrajectoryPoint,
} from '@ntk-lens/tensor-programs';
import type { FineTuned } from '../fine-tune/fine-tuned.js';
import type { TrainingPoint } from '../fine-tune/resolve-training.js';
import { diskOf } from '../session/disk.js';
import type { Session } from '../session/session.js';
import type { OptimizerMeasurement, PointScores } from './check.js';
import type { CheckedTraining, CheckSettings } from './resolve-check.js';

/** Measures a part, or reads it where an interrupted check left it. */
export type MeasurePart = <T>(what: string, measure: () => Promise<T>) => Promise<T>;

/** Measures the tuned model of one sample; kernels are solved elsewhere. */
export const measureOptimizer = async (
  session: Session,
  tuned: FineTuned,
  { name, optimizer: { kernels, startsAs } }: CheckedTraining,
  settings: CheckSettings,
  part: MeasurePart,
  long: LongTaskOptions,
): Promise<Omit<OptimizerMeasurement, 'kernels'>> => {
  const { task, space } = tuned;
  const { spec, examples, labels, labelWordIds, shots, seed } = task;
  const { learningRate, batchSize, step } = tuned.grid[tuned.chosen]!;
  const probes = examples.test.slice(0, settings.probes);
  const { memory } = session;
  const common = { runtime: await session.shared.open(), space, labelWordIds, memory, ...long };
  const [metric] = spec.metrics;
  const scoreOf = (logits: NDArray): number => {
    const count = logits.shape[0]!;
    return evaluate(spec, predictions(logits), labels.test.slice(0, count))[metric] ?? Number.NaN;
  };
  const scoresAt = (start: NDArray<'float64'>, point: LinearizedPoint): PointScores => ({
    step: point.step,
    zeroShot: scoreOf(start),
    linearized: scoreOf(plus(start, point.derivative)),
    tuned: scoreOf(point.logits),
    error: point.error,
  });
  const last: TrajectoryPoint = { step, open: async () => tuned.model };
  const points = await diskOf(session).readTrajectory(tuned.training!, space);
  const { end, margins } = await part('end', async () => {
    const known = new Map([[step, tuned.logits]]);
    const { start, points: found } = await measureLinearization({
      ...{ ...common, examples: examples.test, points: [last], known },
    });
    const [point] = found;
    const marginsOf = (logits: NDArray) => marginsFrom(logits, labels.test);
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
  const formula = kernels.main;
  const looked = [...points.filter(({ step }, i) => points[i + 1]?.step !== step + 1), last];
  const features = await part('features', () =>
    measureFeatures({ ...common, examples: examples.train, formula, points: looked }),
  );
  const point = { learningRate, batchSize };
  const first =
    startsAs &&
    (await part('first-steps', () => firstSteps(session, tuned, name, startsAs.name, settings, point, long)));
  return {
    ...{ shots, seed, optimizer: name, ...point, end, margins, path, steps },
    ...{ features: { formula, points: features }, ...first },
  };
};

/** The first steps of an optimizer that starts as another one. */
const firstSteps = async (
  { shared, memory }: Session,
  { task, space }: FineTuned,
  name: OptimizerName,
  startsAs: OptimizerName,
  { earlySteps: steps, probes }: CheckSettings,
  { learningRate, batchSize }: TrainingPoint,
  long: LongTaskOptions,
): Promise<{ readonly early: EarlyAdam; readonly analogues: readonly KernelAnalogue[] }> => {
  const { labelWordIds, seed, examples, labels } = task;
  const training = {
    ...{ runtime: await shared.open(), space, labelWordIds, learningRate, seed, steps, memory },
    train: { examples: examples.train, labels: labels.train },
    examples: examples.test.slice(0, probes),
    ...long,
  };
  const early = await measureEarlyAdam({ ...training, batchSize, optimizer: { name } });
  const analogues =
    labelWordIds.length === 2
      ? await measureKernelAnalogue({ ...training, optimizers: [startsAs, name] })
      : [];
  return { early, analogues };
};

/** Consecutive steps among the points, the first one from θ₀. */
const pairsOf = (points: readonly TrajectoryPoint[], start: SpaceModel) => {
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
