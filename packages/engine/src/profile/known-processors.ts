import type { Machine, MachineProfile, MachineRates } from './machine-profile.js';

interface KnownProcessor {
  readonly name: string;
  /** Its processors by their names, which on Linux end with a family and a model. */
  readonly processors: RegExp;
  readonly instructions: string;
  /** Rates of two threads. */
  readonly rates: MachineRates;
}

/** Threads that the rates of the table are for. */
const THREADS = 2;

/** Two cores of an AMD EPYC of family 25; a processor that is not in the table counts as it. */
const zen4: KnownProcessor = {
  name: 'AMD Zen 4, AVX-512 VNNI',
  processors: /AMD.*, family 25\b/,
  instructions: 'avx512-vnni',
  rates: {
    products: 187e9,
    thinProducts: 119e9,
    integerProducts: 206e9,
    passes: 15e9,
    newPages: 4.6e9,
    secondsPerRun: 1.1e-4,
    secondsPerProgram: 0.012,
  },
};

/**
 * Rates of processors. Each is measured, derived from measured times, or estimated, as
 * docs/decisions/0021-performance-notebook.md says; a rate of which nothing is known is that of the first row.
 */
const known: readonly KnownProcessor[] = [
  zen4,
  {
    name: 'AMD Zen 5, AVX-512 VNNI',
    processors: /AMD.*, family 26\b/,
    instructions: 'avx512-vnni',
    rates: { ...zen4.rates, products: 300e9, thinProducts: 150e9, passes: 10e9, newPages: 585e6 },
  },
  {
    name: 'AMD, AVX2',
    processors: /AMD/,
    instructions: 'avx2',
    rates: { ...zen4.rates, products: 150e9, thinProducts: 100e9 },
  },
  {
    name: 'Intel, AVX-512 VNNI',
    processors: /Intel/,
    instructions: 'avx512-vnni',
    rates: { ...zen4.rates, products: 275e9, thinProducts: 137e9, integerProducts: 500e9, passes: 11e9 },
  },
];

/** Rates by which work is planned where nothing is known of the machine: those of two threads of the first row. */
export const usualRates: MachineRates = zen4.rates;

/**
 * The profile of a machine by the table of known processors, by the processor's name and instruction set. Rates grow with the threads;
 * what a program and its runs cost does not.
 *
 * @example
 * ```ts
 * const machine = { processor: 'AMD EPYC, family 25', instructions: 'avx512-vnni', runtime: 'ort-cpu', version: '1.30.0', threads: 2 };
 * knownProfile(machine).source; // 'AMD Zen 4, AVX-512 VNNI'
 * ```
 */
export const knownProfile = (machine: Machine): MachineProfile => {
  const row = known.find(
    ({ processors, instructions }) =>
      processors.test(machine.processor) && machine.instructions === instructions,
  );
  const { secondsPerRun, secondsPerProgram, ...rates } = (row ?? zen4).rates;
  const scaled = Object.fromEntries(
    Object.entries(rates).map(([name, rate]) => [name, (rate * machine.threads) / THREADS]),
  ) as Omit<MachineRates, 'secondsPerRun' | 'secondsPerProgram'>;
  return {
    source: row?.name ?? `${zen4.name}, since this processor is not in the table`,
    machine,
    rates: { ...scaled, secondsPerRun, secondsPerProgram },
  };
};
