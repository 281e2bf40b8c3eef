import type { Lens } from '@ntk-lens/lens';
import { taskOptions } from '../run/with-lens.js';
import { type CellWork, type Forecaster, forecaster, workTimes } from './cells/cell-work.js';
import type { ProtocolCell } from './cells/protocol-cell.js';
import { rememberingSamples } from './remembering-samples.js';
import { typicalSample } from './typical-sample.js';

/** Counts the work of a cell on one of its samples; undefined where it is not counted. */
export type CellCounter = (cell: ProtocolCell) => Promise<CellWork | undefined>;

/** Work of one sample by task, shots and what is done. */
type Counted = Map<string, CellWork | undefined>;

/** Counts cells, those that differ in their seeds only once. */
export const countingCells = (lens: Lens): CellCounter => {
  const session = rememberingSamples(lens);
  const counter = countingOnce(session);
  const known: Counted = new Map();
  return (cell) => workOf(session, counter, cell, known);
};

/**
 * The work of one sample. Other prompts and spaces are planned for the first number of shots of a task; for the others they take
 * as much more than the kernel or training that they vary as there.
 */
const workOf = async (
  lens: Lens,
  counter: Forecaster,
  { run, what, forecast }: ProtocolCell,
  known: Counted,
): Promise<CellWork | undefined> => {
  const [shots, first] = [run.shots[0]!, [...known.keys()].find((key) => key.startsWith(`${run.task} `))];
  const keyOf = (k: number, name: string): string => `${run.task} ${k} ${name}`;
  const own = keyOf(shots, what);
  if (known.has(own)) return known.get(own);
  const firstShots = first === undefined ? shots : Number(first.slice(run.task.length + 1).split(' ', 1)[0]);
  const [base] = what.split(', ');
  const [there, baseThere, here] = [
    known.get(keyOf(firstShots, what)),
    known.get(keyOf(firstShots, base!)),
    known.get(keyOf(shots, base!)),
  ];
  const isVariant = base !== what && shots !== firstShots && known.has(keyOf(firstShots, what));
  const work =
    isVariant && here !== undefined && baseThere?.seconds
      ? there && workTimes(here, there.seconds / baseThere.seconds)
      : await forecast(
          counter,
          await lens.task(run.task, { ...taskOptions(run), shots, seed: run.seeds[0]! }),
        );
  known.set(own, work);
  return work;
};

/** Plans every kernel once, whichever cells need it, on a sample of examples of one length. */
const countingOnce = (lens: Lens): Forecaster => {
  const known = new Map<string, ReturnType<Forecaster['kernelWork']>>();
  const { model, kernelWork } = forecaster(lens);
  const count: Forecaster['kernelWork'] = async (task, choice) => {
    const { task: typical, share } = typicalSample(task, lens.model.config.maxTokens);
    const { forward, bytes, ...work } = await kernelWork(typical, choice);
    return {
      ...workTimes({ ...work, bytes: 0 }, share),
      bytes,
      forward: { seconds: share * forward.seconds, flops: share * forward.flops },
    };
  };
  return {
    model,
    kernelWork: (task, choice) => {
      const { formula = 'sgd', space = 'full', binary = false } = choice;
      const key = JSON.stringify([
        ...[task.spec.name, task.shots, task.spec.template, task.prompt !== undefined],
        ...[typeof formula === 'string' ? formula : formula.title, binary],
        typeof space === 'string' ? space : space.spec,
        ...[task.examples.test.length, task.examples.dev.length],
      ]);
      const found = known.get(key) ?? count(task, choice);
      known.set(key, found);
      return found;
    },
  };
};
