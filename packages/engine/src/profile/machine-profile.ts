/** The rates by which work is planned and its time is forecast. */
export interface MachineRates {
  /** Float32 products of large matrices, FLOP/s; a multiplication and an addition count as two. */
  readonly products: number;
  /** Float32 products with a small inner dimension: gradients formed from the tokens of an example, FLOP/s. */
  readonly thinProducts: number;
  /** Products of unsigned and signed bytes, of which signs are made, operations/s. */
  readonly integerProducts: number;
  /** Elementwise operations, in bytes/s that they read and write, each counted as if nothing stayed in a cache. */
  readonly passes: number;
  /** Pages of memory that are touched for the first time, bytes/s. */
  readonly newPages: number;
  /** Seconds that a run of a program takes in addition to its operations. */
  readonly secondsPerRun: number;
  /** Seconds in which a program is traced and compiled, before its first run. */
  readonly secondsPerProgram: number;
}

/** The machine that rates belong to. A profile is used where all of it is the same. */
export interface Machine {
  /** Name of the processor, as the operating system gives it, with its family and model where that says them. */
  readonly processor: string;
  /** The widest instructions that matter to products: `avx512-vnni`, `avx512`, `avx2-vnni`, `avx2`, `neon` or `unknown`. */
  readonly instructions: string;
  readonly runtime: string;
  /** Versions of the libraries that compute. */
  readonly version: string;
  readonly threads: number;
}

/** The rates of a machine, measured or looked up. */
export interface MachineProfile {
  /** `measured`, or the row of the table of known processors. */
  readonly source: string;
  readonly machine: Machine;
  readonly rates: MachineRates;
}

/** Names of the rates, in the order in which they are shown and stored. */
export const rateNames = [
  'products',
  'thinProducts',
  'integerProducts',
  'passes',
  'newPages',
  'secondsPerRun',
  'secondsPerProgram',
] as const satisfies readonly (keyof MachineRates)[];

/** Fields in which two machines differ, in the order of {@link Machine}. */
export const machineDifferences = (
  found: Machine,
  expected: Machine,
): { readonly field: keyof Machine; readonly found: string; readonly expected: string }[] =>
  (['processor', 'instructions', 'runtime', 'version', 'threads'] as const)
    .filter((field) => found[field] !== expected[field])
    .map((field) => ({ field, found: String(found[field]), expected: String(expected[field]) }));
