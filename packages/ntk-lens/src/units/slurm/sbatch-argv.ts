import { SbatchOptionError, SlurmPathError } from './errors.js';
import { slurmFolder } from './jobs-file.js';
import type { Needs } from './needs.js';

/** Options of sbatch that a person gives. */
export interface SbatchOptions {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  /** Time limit of a job, as sbatch writes it. */
  readonly time?: string;
  /** Memory of a job, as sbatch writes it. */
  readonly mem?: string;
  /** Other options, each whole: `--exclude=n3`. */
  readonly sbatch?: readonly string[];
}

/** The signal that a job gets before its time is over. */
export const TIME_SIGNAL = 'SIGUSR2';

/** Seconds before the end of its time at which a job gets {@link TIME_SIGNAL}; SLURM may send it a minute earlier. */
const SIGNAL_SECONDS = 120;

/** Options that a submission sets itself, or that would change what sbatch prints. */
const reserved = [
  ...[
    'array',
    'chdir',
    'clusters',
    'cpus-per-task',
    'dependency',
    'error',
    'help',
    'hold',
    'input',
    'job-name',
  ],
  ...['kill-on-invalid-dep', 'no-requeue', 'nodes', 'ntasks', 'open-mode', 'output', 'parsable', 'quiet'],
  ...['requeue', 'signal', 'test-only', 'usage', 'version', 'wait', 'wrap'],
];

/** Options that have a flag of their own. */
const own = ['partition', 'account', 'qos', 'time', 'mem'] as const;

/** @throws SbatchOptionError for an option that would change how jobs are submitted and known */
export const checkSbatchOptions = (options: readonly string[]): void => {
  for (const option of options) {
    const [, name] = /^--([a-z][\w-]*)(?:=|$)/s.exec(option) ?? [];
    if (name === undefined)
      throw new SbatchOptionError(
        option,
        'expected a long option with its value in one argument',
        'Write it as --sbatch=--name=value, once for each option.',
      );
    // sbatch takes the beginning of a name for the name.
    const taken = reserved.find((known) => known.startsWith(name));
    if (taken !== undefined)
      throw new SbatchOptionError(
        option,
        `expected an option other than --${taken}, which the submission sets itself`,
        'Leave it out.',
      );
    const flag = own.find((known) => known.startsWith(name));
    if (flag !== undefined)
      throw new SbatchOptionError(
        option,
        `expected an option other than --${flag}, which has a flag of its own`,
        `Give it as --${flag}.`,
      );
  }
};

/** `0-2,5`, as `--array` takes it. */
const rangesOf = (numbers: readonly number[]): string => {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
};

/**
 * The path of a log, in whose directory a `%` stands for itself.
 *
 * @throws SlurmPathError for a directory that SLURM would read in another way
 */
const logOf = (directory: string, name: string): string => {
  if (directory.includes('\\')) throw new SlurmPathError(directory);
  return `${directory.replaceAll('%', '%%')}/${slurmFolder}/${name}.log`;
};

/** A job as sbatch is asked for it. */
export interface Job {
  readonly name: string;
  /** Elements of an array; the job is none without them. */
  readonly elements?: readonly number[];
  /** The job that is to succeed before. */
  readonly after?: string;
  readonly needs: Needs;
}

/**
 * The arguments of sbatch before the script.
 *
 * @param directory that of the units, in which the job works
 * @throws SlurmPathError
 */
export const sbatchArgv = (
  directory: string,
  { name, elements, after, needs }: Job,
  { sbatch = [], ...options }: SbatchOptions,
): readonly string[] => {
  const { threads, memory, minutes } = needs;
  const limits = { mem: `${memory}M`, time: minutes && `${minutes}` };
  return [
    ...['--parsable', `--job-name=${name}`, `--chdir=${directory}`],
    ...(elements
      ? [`--array=${rangesOf(elements)}`, `--signal=B:${TIME_SIGNAL.slice(3)}@${SIGNAL_SECONDS}`]
      : []),
    ...(after === undefined ? [] : [`--dependency=afterok:${after}`, '--kill-on-invalid-dep=yes']),
    `--output=${logOf(directory, elements ? 'worker-%a' : 'assembly')}`,
    ...['--open-mode=append', '--requeue', '--nodes=1', '--ntasks=1', `--cpus-per-task=${threads}`],
    ...own.flatMap((flag) => {
      const value = options[flag] ?? limits[flag as 'mem' | 'time'];
      return value === undefined || value === 0 ? [] : [`--${flag}=${value}`];
    }),
    ...sbatch,
  ];
};
