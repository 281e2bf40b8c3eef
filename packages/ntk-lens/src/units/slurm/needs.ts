import { DEFAULT_MEMORY } from '@ntk-lens/models';
import type { Units } from '../manifest.js';
import { shareOf } from '../share.js';

/** Resources that a job asks the cluster for. */
export interface Needs {
  readonly threads: number;
  /** MiB. */
  readonly memory: number;
  /** Minutes; undefined where work is not counted. */
  readonly minutes?: number;
  /** Largest counted work of an element, in FLOPs. */
  readonly flops?: number;
}

/** Time limits are so many times the counted work over the rate. */
export const SAFETY = 3;
/** Minutes of a time limit for what is not counted: opening the model, reading samples, a busy file system. */
export const START_MINUTES = 10;
/** Memory of a job is so many times the planned peak … */
export const MARGIN = 1.25;
/** … and so many MiB for the program itself. */
export const PROGRAM_MEBI = 512;
/** Least minutes of the job that puts results together. */
const ASSEMBLY_MINUTES = 60;

/**
 * Memory and time of an element, from the plan: those of the element that needs most, since the elements of an array ask for the
 * same.
 *
 * @param left numbers of the units that are to be computed, by element
 * @param rate FLOP/s of one thread
 */
export const needsOf = (
  { units, kind, config }: Units,
  left: readonly (readonly number[])[],
  rate: number,
): Needs => {
  const asked = left.flat().map((unit) => units[unit]!);
  const peak = Math.max(
    ...asked.map(({ peakBytes }) => peakBytes ?? config.memory ?? DEFAULT_MEMORY),
    ...(asked.length === 0 ? [config.memory ?? DEFAULT_MEMORY] : []),
  );
  const work = left.map((numbers) => workOf(numbers.map((unit) => units[unit]!)));
  const flops = work.some((one) => one === undefined) ? undefined : Math.max(0, ...(work as number[]));
  const seconds = flops === undefined ? undefined : (SAFETY * flops) / (rate * kind.threads);
  return {
    threads: kind.threads,
    memory: Math.ceil((MARGIN * peak) / 2 ** 20 + PROGRAM_MEBI),
    ...(seconds !== undefined && { minutes: Math.ceil(seconds / 60) + START_MINUTES, flops }),
  };
};

/** Counted work of units that one process computes; undefined where one is not counted. */
const workOf = (units: readonly Units['units'][number][]): number | undefined => {
  const kernels = new Set<string>();
  let sum = 0;
  for (const { flops, onceFlops = 0, folder, part } of units) {
    if (flops === undefined) return undefined;
    const kernel = `${folder} ${part?.level}`;
    sum += flops + (kernels.has(kernel) ? 0 : onceFlops);
    kernels.add(kernel);
  }
  return sum;
};

/** Memory and time of the job that puts results together, where the elements need so much. */
export const needsOfAssembly = ({ threads, memory, minutes }: Needs): Needs => ({
  threads,
  memory,
  ...(minutes !== undefined && { minutes: Math.max(minutes, ASSEMBLY_MINUTES) }),
});

/** The shares of all workers that are not finished, by worker; empty for a worker with nothing to do. */
export const sharesLeft = (
  { units, workers }: Units,
  isLeft: (unit: number) => boolean,
): readonly (readonly number[])[] =>
  Array.from({ length: workers }, (_, index) => shareOf(units, { index, of: workers }).filter(isLeft));
