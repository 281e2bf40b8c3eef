import { execFile } from 'node:child_process';

/** The answer of a program of SLURM. */
export interface SlurmAnswer {
  /** Its exit code; undefined where there is no such program on the PATH, or it did not end. */
  readonly code: number | undefined;
  /** True where there is no such program on the PATH. */
  readonly missing: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds after which a controller that does not answer counts as absent. */
const PATIENCE = 60_000;

/**
 * Calls a program of SLURM. Arguments arrive one by one, and no shell sees them. Variables of the environment that
 * change the answers of `squeue` are left out.
 *
 * @internal
 */
export const callSlurm = (program: string, argv: readonly string[]): Promise<SlurmAnswer> =>
  new Promise((resolve) => {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('SQUEUE_')),
    );
    execFile(
      program,
      argv,
      { env, timeout: PATIENCE, maxBuffer: 2 ** 28 },
      (error: (Error & { readonly code?: unknown }) | null, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        const told = stderr.trim() === '' && code === undefined ? error!.message : stderr;
        resolve({ code, missing: error?.code === 'ENOENT', stdout, stderr: told });
      },
    );
  });

/** A run of a job of SLURM, from which a process came. */
export interface SlurmRun {
  readonly cluster: string;
  /** Number of the job, which is another one for each element of an array. */
  readonly job: string;
  /** Times that the job was begun before. */
  readonly restart: number;
}

/** The run of a job to which this process belongs, if it does; each part is from a variable of the environment. */
export const ownRun = (
  env: Readonly<Record<string, string | undefined>> = process.env,
): SlurmRun | undefined => {
  const { SLURM_JOB_ID: job, SLURM_CLUSTER_NAME: cluster = '', SLURM_RESTART_COUNT: restart } = env;
  return job !== undefined && /^\d+$/.test(job) ? { cluster, job, restart: Number(restart ?? 0) } : undefined;
};

/** A job as `squeue` shows it. */
export interface SlurmJob {
  /** Number of the job, which is another one for each element of an array. */
  readonly job: string;
  /** Number of the array; that of the job where it is none. */
  readonly array: string;
  /** The element of an array. */
  readonly element?: number;
  /** `PENDING`, `RUNNING`, `COMPLETED` and others. */
  readonly state: string;
  readonly restarts: number;
  /** The reason why it waits or ended, `None` in other cases. */
  readonly reason: string;
}

/** Fields of `squeue`; none has spaces except the last one. */
const fields = ['JobID', 'ArrayJobID', 'ArrayTaskID', 'State', 'RestartCnt', 'Reason'];

/**
 * Jobs that SLURM knows, also those that ended some minutes ago, an entry for each element of an array.
 *
 * @param filter options of `squeue`
 * @returns the answer instead where `squeue` gives no list
 * @internal
 */
export const slurmJobs = async (
  ...filter: readonly string[]
): Promise<{ readonly jobs: readonly SlurmJob[] } | { readonly failed: SlurmAnswer }> => {
  const format = fields.map((field) => `${field}:.60`).join(',');
  const argv = ['--noheader', '--array', '--states=all', `--Format=${format}`, ...filter];
  const answer = await callSlurm('squeue', argv);
  // A single job that is no longer known is no list without entries.
  if (/invalid job id/i.test(answer.stderr)) return { jobs: [] };
  if (answer.code !== 0) return { failed: answer };
  const jobs = answer.stdout.split('\n').flatMap((line): readonly SlurmJob[] => {
    const [job, array, element, state, restarts, ...reason] = line.trim().split(/\s+/);
    if (state === undefined) return [];
    const number = /^\d+$/.test(element!) ? Number(element) : undefined;
    const of = array === 'N/A' ? job! : array!;
    return [
      { job: job!, array: of, element: number, state, restarts: Number(restarts), reason: reason.join(' ') },
    ];
  });
  return { jobs };
};

/** States in which no process of a job runs, nor will. */
const ended =
  /^(BOOT_FAIL|CANCELLED|COMPLETED|DEADLINE|FAILED|NODE_FAIL|OUT_OF_MEMORY|PREEMPTED|REVOKED|TIMEOUT)$/;

/** States in which a job waits for its next run. */
const waiting = /^(PENDING|REQUEUE\w*|SPECIAL_EXIT|CONFIGURING)$/;

/** True for a job that runs, or will. */
export const isAlive = ({ state }: SlurmJob): boolean => !ended.test(state);

/** Name of the cluster whose controller this process asks. */
const ownCluster = async (): Promise<string | undefined> => {
  const named = process.env['SLURM_CLUSTER_NAME'];
  if (named !== undefined) return named;
  const { stdout } = await callSlurm('scontrol', ['show', 'config']);
  return /^ClusterName\s*=\s*(\S+)/m.exec(stdout)?.[1];
};

/**
 * Whether runs of jobs go on, as SLURM says it: no clock is looked at. A job that SLURM no longer knows has ended, and so has
 * an earlier run of a job that was requeued. Undefined for jobs of another cluster, and where SLURM does not answer.
 */
export const areGoingOn = async (runs: readonly SlurmRun[]): Promise<readonly (boolean | undefined)[]> => {
  const own = ownRun();
  const known = runs.map(({ cluster, job, restart }) =>
    own?.cluster === cluster && own.job === job && own.restart > restart ? false : undefined,
  );
  const asked = runs.filter(({ job }, i) => known[i] === undefined && /^\d+$/.test(job));
  if (asked.length === 0) return known;
  const cluster = await ownCluster();
  const of = asked.filter((run) => run.cluster === cluster);
  if (of.length === 0) return known;
  const answer = await slurmJobs(`--jobs=${[...new Set(of.map(({ job }) => job))].join(',')}`);
  if ('failed' in answer) return known;
  return runs.map((run, i) => {
    if (known[i] !== undefined || !of.includes(run)) return known[i];
    const found = answer.jobs.find(({ job }) => job === run.job);
    if (found === undefined || !isAlive(found) || waiting.test(found.state)) return false;
    // The processes of a run that is stopped may take a while to end.
    return found.state === 'COMPLETING' || found.restarts <= run.restart;
  });
};
