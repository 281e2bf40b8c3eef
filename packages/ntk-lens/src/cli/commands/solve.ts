import { addSolverOptions, type SolverFlags } from '../../options/experiment-options.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = SolverFlags & GlobalFlags & { readonly metric?: string };

export const solveCommand: CommandModule = {
  register(program, context) {
    const command = program
      .command('solve')
      .argument(
        '<dir...>',
        'run directories, or directories with train.npy, dev.npy, test.npy and <split>_labels.npy',
      )
      .summary('solve stored kernels again')
      .description(
        'Solves kernels on disk, hyperparameters chosen on dev, and writes solve.json beside them. Needs no model. Several directories (seeds) give mean and standard deviation.',
      )
      .option('--metric <name>', "accuracy, f1 or matthews (default: the task's, else accuracy)");
    addOutputOptions(addSolverOptions(command)).action(async (directories: string[], flags: Flags) => {
      const { solveDirectory } = await import('../../run/solve-directory.js');
      const { knownSolver } = await import('../../run/solver-candidates.js');
      const { defaultRunConfig } = await import('../../options/run-config.js');
      const { solveTable } = await import('../../present/solve-table.js');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const request = {
        solver: knownSolver(flags.solver ?? defaultRunConfig.solver),
        ridge: flags.ridge ?? defaultRunConfig.ridge,
        f0Scales: flags.f0Scales ?? defaultRunConfig.f0Scales,
        ...(flags.metric !== undefined && { metric: flags.metric }),
      };
      const solved = await withProgress(context, flags, async (options) => {
        const results = [];
        for (const directory of directories) results.push(await solveDirectory(directory, request, options));
        return results;
      });
      if (flags.json) context.stdout.write(`${JSON.stringify(solved)}\n`);
      else {
        const color = useColor(context.stdout, context.env);
        context.stdout.write(renderTerminalTable(solveTable(solved), { color }));
      }
    });
  },
};
