import { group, only, option } from '../../options/declare.js';
import { text } from '../../options/kinds.js';
import { machine } from '../../options/machine.js';
import { files, report } from '../../options/output.js';
import { solver } from '../../options/solver.js';
import { command } from '../command.js';

const scores = group('command', 'Scores', {
  metric: option('--metric <name>', text, 'chooses and reports by accuracy, f1 or matthews', {
    unset: "the task's, else accuracy",
  }),
});

export const solveCommand = command({
  name: 'solve',
  args: [
    '<dir...>',
    'run directories; directories with train.npy, dev.npy, test.npy and <split>_labels.npy; or with the .pt files of LM-Kernel-FT',
  ],
  docs: 'docs/formats.md',
  summary: 'solves stored kernels again',
  description:
    'Solves kernels on disk, with hyperparameters and solver chosen on dev, and writes solve.json, with the whole search, and report.html into their directory. Needs no model. A kernel that exceeds --memory is read block by block. A run of several seeds stands for all of its folders; seeds give mean and standard deviation.',
  options: [scores, solver, only(machine, 'memory'), only(files, 'verify'), report],
  run: async ({ args, run, flags: { metric, verify }, around, long }) => {
    const { solveDirectories } = await import('../../run/solve-directories.js');
    const { verifyDirectory } = await import('@ntk-lens/lens/stored');
    const { knownSolvers } = await import('@ntk-lens/solvers');
    const { gridsOf } = await import('../../run/grids.js');
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { solveTable } = await import('../../present/solve-table.js');
    if (verify) for (const path of args) await verifyDirectory(path);
    const config = await resolveConfig(run, undefined, around);
    const { memory, method } = config;
    const grids = gridsOf(config);
    knownSolvers(grids.solver);
    const solved = await solveDirectories(
      args,
      { ...grids, metric },
      { ...long, memory, direct: method === 'direct' },
    );
    const { leaveKernelReports } = await import('../../present/report/leave-report.js');
    return { result: solved, shown: [solveTable(solved)], ...(await leaveKernelReports(args, memory)) };
  },
});
