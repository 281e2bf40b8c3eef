import { join } from 'node:path';
import { addSchemeOptions, type SchemeFlags, schemeFrom } from '../../options/scheme-options.js';
import { addTableOption, type TableFlags } from '../../options/table-options.js';
import { shownPath } from '../../present/shown-path.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = SchemeFlags & TableFlags & GlobalFlags & { readonly out?: string };

export const coordinatesCommand: CommandModule = {
  register(program, context) {
    const command = addSchemeOptions(
      program
        .command('coordinates')
        .summary('coordinate check: is a parametrization the same at any width?')
        .description(
          'Takes a few steps of pre-training at several widths and fits how the sizes of activations, attention scores and logits, and of their changes, go with width. A parametrization passes when none grows and none vanishes; exit code 1 when it fails.',
        ),
      { widths: '32,64,128,256', seeds: '0,1,2', zero: 'output', steps: 4, lr: 0.01 },
    )
      .optionsGroup('Files:')
      .option('-o, --out <dir>', 'leaves coordinates.svg, table.md and findings.json there');
    addOutputOptions(addTableOption(command)).action(async (flags: Flags) => {
      const { checkCoordinates, defaultScheme } = await import('@ntk-lens/tensor-programs');
      const { withRuntime } = await import('../../run/widths/with-runtime.js');
      const { coordinateTable } = await import('../../present/widths/coordinate-table.js');
      const { coordinateFigure } = await import('../../present/widths/coordinate-figure.js');
      const { renderTable } = await import('../../present/render-table.js');
      const { writeWhole } = await import('@ntk-lens/core');
      const { writeJson } = await import('@ntk-lens/lens/stored');
      const { FailedCheckError } = await import('../../run/widths/errors.js');
      const scheme = schemeFrom(flags, {
        ...defaultScheme,
        zero: ['output'],
        learningRate: 0.01,
        baseWidth: 32,
        batchSize: 16,
      });
      const check = await withProgress(context, flags, (options) =>
        withRuntime(flags, (runtime) =>
          checkCoordinates({
            ...options,
            runtime,
            scheme,
            steps: flags.steps ?? 4,
            widths: flags.widths ?? [32, 64, 128, 256],
            seeds: flags.seeds ?? [0, 1, 2],
          }),
        ),
      );
      const table = coordinateTable(scheme, check);
      if (flags.out !== undefined) {
        await writeWhole(join(flags.out, 'coordinates.svg'), coordinateFigure(scheme, check));
        await writeWhole(join(flags.out, 'table.md'), renderTable(table, 'md'));
        await writeJson(join(flags.out, 'findings.json'), { scheme, ...check });
      }
      const color = useColor(context.stdout, context.env);
      context.stdout.write(
        flags.json ? `${JSON.stringify({ scheme, ...check })}\n` : renderTable(table, flags.table, color),
      );
      if (flags.out !== undefined) context.stderr.write(`written to ${shownPath(flags.out)}\n`);
      const [all] = check.findings;
      if (all!.verdict === 'fails') throw new FailedCheckError(scheme.parametrization, all!.note ?? '');
    });
  },
};
