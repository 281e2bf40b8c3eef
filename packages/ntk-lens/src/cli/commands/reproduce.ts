import {
  checkTraining,
  files,
  kernel,
  machine,
  measured,
  outOption,
  prompt,
  protocol,
  report,
  severalTasks,
  sharedWork,
  skipping,
  solver,
  width,
} from '../../options/all.js';
import { group, only } from '../../options/declare.js';
import { ConflictingOptionsError } from '../../options/errors.js';
import { command } from '../command.js';

const samples = only(severalTasks, 'model', 'revision', 'data', 'limitTest');
const { task, shots, seeds } = severalTasks.fields;
const own = only(kernel, 'tied', 'keepNoise');
const { formulas, spaces } = kernel.fields;
const { ladder } = width.fields;

export const reproduceCommand = command({
  name: 'reproduce',
  docs: 'docs/reproduce.md',
  summary: "makes the tables and figures of the paper's protocol, on your model and data",
  description:
    'Computes kernels, fine-tunings and checks over tasks, shots and seeds, and makes tables and figures of them. Each piece of work is computed once and kept in one directory, so an interrupted reproduction continues when it is started again. The numbers are those of your model and data, not those of the paper.',
  options: [
    {
      ...samples,
      fields: {
        ...samples.fields,
        task: { ...task, unset: "the protocol's 14 with --data, else the embedded ones" },
        shots: { ...shots, unset: '16,64,512 with --data, else 16' },
        seeds: { ...seeds, unset: '13,21,42,87,100' },
        limitTest: { ...severalTasks.fields.limitTest, unset: '1000 with --data, else all' },
      },
    },
    skipping,
    protocol,
    group('command', 'Width', {
      ladder: {
        ...ladder,
        help: 'adds |χ| against width to the part on χ, over a ladder written by "pretrain" or over your own models of different widths',
      },
    }),
    only(checkTraining, 'sgdRates', 'adamRates', 'batchSizes', 'steps', 'clipNorm', 'dropout'),
    measured,
    {
      ...own,
      fields: {
        ...own.fields,
        formulas: { ...formulas, unset: 'sgd,signgd,a-signgd' },
        spaces: {
          ...spaces,
          help: 'compares these spaces in the part on subspaces',
          unset: 'lora:r=1 to 64, intrinsic:10 to 10000',
        },
      },
    },
    only(prompt, 'labelRule'),
    only(solver, 'solver', 'ridge', 'f0Scales'),
    only(machine, 'runtime', 'threads', 'memory', 'profile'),
    sharedWork,
    group('command', 'Files', {
      out: outOption('runs/reproduce-… named after the model'),
      force: files.fields.force,
    }),
    report,
  ],
  run: async ({ run, check, flags, around, long }) => {
    const { parts, optimizers, grid, ladder, explain, finished, skipMissing, out, force } = flags;
    const { resolveReproduce } = await import('../../reproduce/config.js');
    const { runsFolder } = await import('../../options/layers.js');
    const { leftOut, showReproduction } = await import('../show-assembled.js');
    const config = await resolveReproduce(run, check, { parts, optimizers, grid, ladder }, around);
    const options = { ...long, out, force, finished, skipMissing, runs: await runsFolder(around) };
    if (explain) {
      const { explainReproduction } = await import('../../reproduce/explain.js');
      const { explainedTables } = await import('../../reproduce/explained-tables.js');
      const plan = await explainReproduction(config, options);
      return { result: plan, shown: explainedTables(plan), notes: leftOut(plan.missing) };
    }
    const { sharedByProcesses, sharesWork } = await import('../on-units.js');
    if (sharesWork(flags)) {
      if (ladder)
        throw new ConflictingOptionsError(
          'One process measures a ladder.',
          'Leave out --ladder, and repeat the command afterwards with --ladder and without workers.',
        );
      const { planReproduce } = await import('../../units/reproduce-units.js');
      return sharedByProcesses({ flags, long }, config.run, options, (own, planned) =>
        planReproduce({ ...config, run: own }, { ...planned, skipMissing }),
      );
    }
    const { reproduce } = await import('../../reproduce/reproduce.js');
    return showReproduction(await reproduce(config, options));
  },
});
