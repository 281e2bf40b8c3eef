import { submission } from '../../options/all.js';
import { command } from '../command.js';
import { places } from './worker.js';

export const submitCommand = command({
  name: 'submit',
  docs: 'docs/scale.md',
  summary: 'submits work that was planned for several processes to a cluster',
  description:
    'Submits a job array to SLURM, with an element for each planned worker that has unfinished units, and a job that puts the results together when all elements succeed. Memory and time follow from the plan. A job that is preempted or reaches its time limit goes back into the queue and keeps its finished units. Options reach sbatch one by one, and no shell reads them. While jobs of a directory are running, it cannot be submitted again; after that, only unfinished units are submitted.',
  options: [submission, places],
  examples: [
    ['ntk-lens submit --slurm --units shared --partition cpu', 'submits the unfinished units of a directory'],
    ['ntk-lens submit --slurm --units shared --explain', 'prints what would be submitted'],
  ],
  run: async ({ flags, around }) => {
    const { units, slurm: _, rate, mixed, explain, ...given } = flags;
    const { partition, account, qos, time, mem, sbatch, ...placed } = given;
    const { resolve } = await import('node:path');
    const { withWholePaths } = await import('../../options/whole-paths.js');
    const { submitToSlurm } = await import('../../units/slurm/submit.js');
    const { explainedText, submittedTable } = await import('../../units/slurm/tables.js');
    const submitted = await submitToSlurm(resolve(units), {
      ...{ partition, account, qos, time, mem, sbatch, mixed, explain, rate: 1e9 * rate },
      places: withWholePaths(placed, places.fields, around.directory),
    });
    const table = submittedTable(submitted, rate);
    return {
      result: submitted,
      shown: explain ? () => explainedText(submitted) : [table],
      notes: explain ? table.notes : [],
    };
  },
});
