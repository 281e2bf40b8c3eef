import { group, option } from './declare.js';
import { number, repeated, text, toggle } from './kinds.js';
import { workerShare } from './units.js';

const { units, mixed } = workerShare.fields;

/** Floating-point operations per second of one thread, in 10⁹, that time limits assume. */
const USUAL_RATE = 20;

/** The jobs that compute planned units. */
export const submission = group('command', 'Jobs', {
  units: { ...units, help: 'submits the work of a directory that --plan-units left' },
  slurm: option(
    '--slurm',
    toggle,
    'submits to SLURM an array of jobs, and a job that puts the results together',
    {
      required: true,
    },
  ),
  partition: option('--partition <name>', text, 'asks for a partition', "the cluster's"),
  account: option('--account <name>', text, 'charges an account', "the cluster's"),
  qos: option('--qos <name>', text, 'asks for a quality of service', "the cluster's"),
  time: option(
    '--time <limit>',
    text,
    'limits the time of a job, in the notation of sbatch',
    'from the plan',
  ),
  mem: option(
    '--mem <amount>',
    text,
    'asks for the memory of a job, in the notation of sbatch',
    'from the plan',
  ),
  rate: option(
    '--rate <GFLOP/s>',
    number({ above: 0 }),
    'assumes this rate of one thread for the time limits',
    { default: USUAL_RATE },
  ),
  sbatch: option(
    '--sbatch <option>',
    repeated(text),
    'passes an option to sbatch, such as --sbatch=--exclude=n3; may be given several times',
  ),
  mixed,
  explain: option('--explain', toggle, 'prints the script and the arguments of sbatch, and submits nothing'),
});
