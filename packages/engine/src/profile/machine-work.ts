import type { MachineRates } from './machine-profile.js';

/** Work, in the units of the rates by which a machine does it. */
export type MachineWork = {
  readonly [K in keyof Omit<MachineRates, 'secondsPerRun' | 'secondsPerProgram'>]: number;
} & {
  /** Runs of programs, and programs. */
  readonly runs: number;
  readonly programs: number;
};

/** No work, to which parts are added. */
export const noWork: MachineWork = {
  ...{ products: 0, thinProducts: 0, integerProducts: 0, passes: 0, newPages: 0, runs: 0, programs: 0 },
};

/** All of some work. */
export const totalWork = (parts: readonly MachineWork[]): MachineWork => {
  const sum: { -readonly [K in keyof MachineWork]: number } = { ...noWork };
  for (const part of parts)
    for (const name of Object.keys(sum) as (keyof MachineWork)[]) sum[name] += part[name];
  return sum;
};

/** Seconds that work takes, one operation after another. */
export const secondsOfWork = (
  { runs, programs, ...work }: MachineWork,
  { secondsPerRun, secondsPerProgram, ...rates }: MachineRates,
): number =>
  (Object.keys(work) as (keyof typeof work)[]).reduce(
    (sum, name) => sum + work[name] / rates[name],
    runs * secondsPerRun + programs * secondsPerProgram,
  );
