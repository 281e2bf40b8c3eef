import type { Command } from 'commander';
import { addSchemeOptions, type SchemeFlags, schemeFrom } from '../../options/scheme-options.js';
import { addTableOption, type TableFlags } from '../../options/table-options.js';
import { shownPath } from '../../present/shown-path.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = SchemeFlags & TableFlags & GlobalFlags & { readonly out?: string };

export const pretrainCommand: CommandModule = {
  register(program, context) {
    const command: Command = addSchemeOptions(
      program
        .command('pretrain')
        .summary('small masked language models of one scheme at several widths')
        .description(
          'Trains masked language models of a generated language at every width and seed: a ladder for "ntk-lens check --ladder". Each is a model directory that every command and transformers load; language/ has the tasks "sentiment" and "topic" as CSV files. What the directory already holds is kept, an interrupted training goes on when it is started again, and the same runtime and threads give the same bytes.',
        ),
      { widths: '32,64,128,256', seeds: '0,1', zero: 'none', steps: 600, lr: 4e-3 },
    )
      .optionsGroup('Files:')
      .option('-o, --out <dir>', 'ladder directory (default: runs/ladder-… named after the parametrization)');
    addOutputOptions(addTableOption(command)).action(async (flags: Flags) => {
      const { defaultScheme, pretrainLadder } = await import('@ntk-lens/tensor-programs');
      const { withRuntime } = await import('../../run/widths/with-runtime.js');
      const { ladderTable } = await import('../../present/widths/pretrained-table.js');
      const { renderTable } = await import('../../present/render-table.js');
      const scheme = schemeFrom(flags, defaultScheme);
      const directory = flags.out ?? `runs/ladder-${scheme.parametrization}-${scheme.optimizer}`;
      const manifest = await withProgress(context, flags, (options) =>
        withRuntime(flags, (runtime) =>
          pretrainLadder({
            ...options,
            runtime,
            scheme,
            directory,
            widths: flags.widths ?? [32, 64, 128, 256],
            seeds: flags.seeds ?? [0, 1],
          }),
        ),
      );
      if (flags.json) {
        context.stdout.write(`${JSON.stringify(manifest)}\n`);
        return;
      }
      const color = useColor(context.stdout, context.env);
      context.stdout.write(renderTable(ladderTable(manifest), flags.table, color));
      context.stderr.write(`written to ${shownPath(directory)}\n`);
    });
  },
};
