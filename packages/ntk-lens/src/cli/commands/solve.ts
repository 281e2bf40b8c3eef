import { addSolverOptions, type SolverFlags, solverFields } from '../../options/solver-options.js';
import { addTableOption, type TableFlags } from '../../options/table-options.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = SolverFlags & TableFlags & GlobalFlags & { readonly metric?: string };

export const solveCommand: CommandModule = {
  register(program, context) {
    const command = program
      .command('solve')
      .argument(
        '<dir...>',
        'run directories; directories with train.npy, dev.npy, test.npy and <split>_labels.npy; or with the .pt files of LM-Kernel-FT',
      )
      .summary('solve stored kernels again')
      .description(
        'Solves kernels on disk, hyperparameters and solver chosen on dev, and writes solve.json, with the whole search, beside them. Needs no model. A run of several seeds stands for all of its folders; seeds give mean and standard deviation.',
      )
      .option('--metric <name>', "accuracy, f1 or matthews (default: the task's, else accuracy)");
    addOutputOptions(addTableOption(addSolverOptions(command))).action(
      async (directories: string[], flags: Flags) => {
        const { solveDirectories } = await import('../../run/solve-directories.js');
        const { knownSolvers } = await import('@ntk-lens/solvers');
        const { gridsOf } = await import('../../run/grids.js');
        const { defaultRunConfig } = await import('../../options/run-config.js');
        const { solveTable } = await import('../../present/solve-table.js');
        const { renderTable } = await import('../../present/render-table.js');
        const grids = gridsOf({ ...defaultRunConfig, ...solverFields(flags) });
        knownSolvers(grids.solver);
        const request = {
          ...grids,
          ...(flags.metric !== undefined && { metric: flags.metric }),
        };
        const solved = await withProgress(context, flags, (options) =>
          solveDirectories(directories, request, options),
        );
        if (flags.json) context.stdout.write(`${JSON.stringify(solved)}\n`);
        else {
          const color = useColor(context.stdout, context.env);
          context.stdout.write(renderTable(solveTable(solved), flags.table, color));
        }
      },
    );
  },
};
