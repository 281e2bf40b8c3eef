import type { Machine, MachineProfile, MachineRates } from './machine-profile.js';

interface KnownProcessor {
  readonly name: string;
  /** Occurs in the processor's name. */
  readonly vendor: string;
  readonly instructions: string;
  /** Rates of two threads. */
  readonly rates: MachineRates;
}

/** Threads that the rates of the table are for. */
const THREADS = 2;

/**
 * Two cores of an AMD EPYC with AVX-512 and VNNI; a processor that is not in the table counts as it. Integers are of an
 * Intel, thin products are half of the others, and what runs and programs cost is estimated (docs/performance.md).
 */
const epyc: KnownProcessor = {
  name: 'AMD, AVX-512 VNNI',
  vendor: 'AMD',
  instructions: 'avx512-vnni',
  rates: {
    products: 300e9,
    thinProducts: 150e9,
    integerProducts: 500e9,
    passes: 10e9,
    newPages: 585e6,
    secondsPerRun: 4e-4,
    secondsPerProgram: 0.02,
  },
};

/**
 * Rates of processors. Each is measured, derived from measured times, or estimated, as docs/performance.md says; a rate of
 * which nothing is known is that of the first row.
 */
const known: readonly KnownProcessor[] = [
  epyc,
  {
    name: 'AMD, AVX2',
    vendor: 'AMD',
    instructions: 'avx2',
    rates: { ...epyc.rates, products: 150e9, thinProducts: 100e9 },
  },
  {
    name: 'Intel, AVX-512 VNNI',
    vendor: 'Intel',
    instructions: 'avx512-vnni',
    rates: { ...epyc.rates, products: 275e9, thinProducts: 137e9, passes: 11e9 },
  },
];

/** Rates by which work is planned where nothing is known of the machine: those of two threads of the first row. */
export const usualRates: MachineRates = epyc.rates;

/**
 * The profile of a machine by the table of known processors, by vendor and instruction set. Rates grow with the threads;
 * what a program and its runs cost does not.
 *
 * @example
 * ```ts
 * knownProfile(machine).source; // 'AMD, AVX-512 VNNI'
 * ```
 */
export const knownProfile = (machine: Machine): MachineProfile => {
  const row = known.find(
    ({ vendor, instructions }) => machine.processor.includes(vendor) && machine.instructions === instructions,
  );
  const { secondsPerRun, secondsPerProgram, ...rates } = (row ?? epyc).rates;
  const scaled = Object.fromEntries(
    Object.entries(rates).map(([name, rate]) => [name, (rate * machine.threads) / THREADS]),
  ) as Omit<MachineRates, 'secondsPerRun' | 'secondsPerProgram'>;
  return {
    source: row?.name ?? `${epyc.name}, since this processor is not in the table`,
    machine,
    rates: { ...scaled, secondsPerRun, secondsPerProgram },
  };
};
