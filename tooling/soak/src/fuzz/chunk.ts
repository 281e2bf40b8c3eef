/** Inputs that one seed of random numbers makes; chunks begin at multiples. */
export const INPUTS_PER_SEED = 50;

/** File descriptor to which the process that reads inputs writes the number of each, as int32. */
export const CLOCK = 4;

/** Written when a chunk is done. */
export const NOTHING_RUNS = -1;

/** Inputs `from` to `to` of a target; `to` is not one of them. */
export interface Chunk {
  readonly target: string;
  readonly from: number;
  readonly to: number;
}

/** An input that a parser neither accepted nor refused by a typed error. */
export interface Fault {
  readonly number: number;
  readonly error: string;
  readonly input: string;
}

/** The outcomes of a chunk's inputs. */
export interface ChunkResult {
  inputs: number;
  accepted: number;
  refused: number;
  /** Milliseconds of the slowest. */
  slowest: number;
  readonly faults: Fault[];
}
