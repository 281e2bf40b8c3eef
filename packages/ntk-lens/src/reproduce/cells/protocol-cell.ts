import type { EarlyLens, Lens, LensTask } from '@ntk-lens/lens';
import { type RunConfig, withoutSources } from '../../options/run-config.js';
import type { DirectoryOptions } from '../../run/run-directory.js';
import type { CellWork, Forecaster } from './cell-work.js';

/** Options of the work of a cell: an open session, and the directory. */
export interface CellOptions extends DirectoryOptions {
  readonly lens: Lens;
  readonly out: string;
}

/**
 * A piece of work of a reproduction, which several parts can need: a kernel, a training, or a check on samples of one
 * task. Its directory is what `ntk-lens run`, `finetune` or `check` leaves for the same samples.
 */
export interface ProtocolCell<R = unknown> {
  /** Its place in the reproduction, which no other cell has. */
  readonly key: string;
  /** Directory of its work in the reproduction. */
  readonly folder: string;
  /** For a person: `SGD kernel`. */
  readonly what: string;
  /** One task, one number of shots, and one seed or several. */
  readonly run: RunConfig;
  /** Everything that the result depends on, in addition to the model and the data. */
  readonly identity: unknown;
  /** Cells are computed in this order on samples of the same task and shots, those first that others read. */
  readonly order: number;
  /** Keys of cells whose work is part of this one's. */
  readonly covers?: readonly string[];
  /** Folders of other cells in which its work reads, or makes what is not there. */
  readonly reads?: readonly string[];
  /** Refuses what can be refused before weights are read. */
  refuse(lens: EarlyLens, options: DirectoryOptions): Promise<unknown>;
  compute(options: CellOptions): Promise<R>;
  /** The work on one sample; undefined where it is not counted. */
  forecast(lens: Forecaster, task: LensTask): Promise<CellWork | undefined>;
}

/** The results of cells; undefined for those that did not run. */
export type Results = <R>(cell: ProtocolCell<R>) => R | undefined;

/** The folder of a sample, in a reproduction as in the directory of a check. */
export const sampleFolder = ({ task, shots, seeds }: RunConfig): string => `${task}/${shots[0]}-${seeds[0]}`;

/** The samples of a run, one configuration for each. */
export const sampleRuns = (run: RunConfig): readonly RunConfig[] =>
  run.shots.flatMap((shots) => run.seeds.map((seed) => ({ ...run, shots: [shots], seeds: [seed] })));

/** The part of a configuration on which numbers depend; model and data are identified by their content. */
export const numbersOf = (run: RunConfig): Partial<RunConfig> => ({
  ...withoutSources(run),
  ...{ model: undefined, revision: undefined, data: undefined },
  ...{ threads: undefined, memory: undefined, profile: undefined, batch: undefined },
});
