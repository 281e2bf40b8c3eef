import type { Table } from '@ntk-lens/report';
import { workText } from '../../present/work-text.js';
import { MARGIN, PROGRAM_MEBI, SAFETY, START_MINUTES } from './needs.js';
import type { SubmittedJob } from './plan-jobs.js';
import type { SlurmStatus } from './status.js';
import type { Submitted } from './submit.js';

const titleOf = ({ elements }: SubmittedJob): string => (elements ? 'workers' : 'assembly');

const limitOf = ({ argv }: SubmittedJob, flag: string): string | null =>
  argv.find((one) => one.startsWith(`--${flag}=`))?.slice(flag.length + 3) ?? null;

/** Jobs that were submitted, or would be. */
export const submittedTable = (submitted: Submitted, rate: number): Table => {
  const { directory, left, jobs } = submitted;
  const flops = jobs[0]?.needs.flops;
  return {
    title: jobs.length === 0 ? 'Nothing is left to submit' : `Jobs for ${left} units that are not finished`,
    columns: [
      { header: 'job', align: 'left' },
      { header: 'id', align: 'left' },
      { header: 'elements', align: 'right' },
      { header: 'threads', align: 'right' },
      { header: 'memory', align: 'right' },
      { header: 'time limit', align: 'right' },
    ],
    rows: jobs.map((job) => ({
      cells: [
        ...[titleOf(job), job.id ?? null, job.elements?.length ?? null, job.needs.threads],
        ...[limitOf(job, 'mem'), limitOf(job, 'time')],
      ],
    })),
    notes:
      jobs.length === 0
        ? ['all units are finished, and their results were put together']
        : [
            `the memory is ${MARGIN} times the planned peak, and ${PROGRAM_MEBI} MiB more; --mem overrides it`,
            flops === undefined
              ? "the time limit is the cluster's, because the work of some units is not counted; --time sets one"
              : `the time limit, in minutes, is ${SAFETY} times the work of the largest element (${workText(flops)}) at ${rate} GFLOP/s per thread (--rate), and ${START_MINUTES} minutes more; --time overrides it`,
            `to see the state: ntk-lens status ${directory}`,
          ],
  };
};

/** The script and the arguments of sbatch, one a line, as a JSON text each. */
export const explainedText = ({ script, jobs }: Submitted): string =>
  [
    ...['slurm/job.sh:', script],
    ...jobs.map(
      (job) =>
        `${titleOf(job)}: sbatch, with the arguments\n${job.argv.map((one) => `  ${JSON.stringify(one)}`).join('\n')}\n`,
    ),
  ].join('\n');

/** The state of jobs. */
export const jobsTable = ({ array, assembly, jobs, why }: SlurmStatus): Table => ({
  title: `SLURM: workers ${array ?? 'not submitted'}, assembly ${assembly ?? 'not submitted'}`,
  columns: [
    { header: 'job', align: 'left' },
    { header: 'state', align: 'left' },
    { header: 'restarts' },
    { header: 'reason', align: 'left' },
  ],
  rows: (jobs ?? []).map(({ job, array: of, element, state, restarts, reason }) => ({
    cells: [
      element === undefined ? `assembly ${job}` : `worker ${element} (${of}_${element})`,
      ...[state, restarts, reason === 'None' ? null : reason],
    ],
  })),
  notes:
    why !== undefined
      ? [`the state of the jobs is not known: ${why}`]
      : jobs!.length === 0
        ? ['SLURM does not list these jobs any more: they ended some minutes ago']
        : [],
});
