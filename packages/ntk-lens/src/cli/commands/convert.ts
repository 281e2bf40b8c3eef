import { Option } from 'commander';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';

interface Flags extends GlobalFlags {
  readonly to: 'npy' | 'pt';
  readonly out: string;
  readonly task?: string;
  readonly split?: 'train' | 'dev' | 'test';
  readonly force?: boolean;
}

export const convertCommand: CommandModule = {
  register(program, context) {
    const command = program
      .command('convert')
      .argument('<path...>', '.pt files or a directory of them; with --to pt one directory with kernels')
      .summary("kernels of the paper's own program, LM-Kernel-FT, read and written")
      .description(
        'Reads the .pt files that LM-Kernel-FT saves, (kernel, labels) and (logits, labels), and writes a directory that "solve" takes; nothing in the files is executed. --to pt goes the other way: files for torch.load and --load_kernels.',
      )
      .addOption(new Option('--to <format>', 'npy or pt').choices(['npy', 'pt']).default('npy'))
      .requiredOption('-o, --out <dir>', 'where to write')
      .option('-t, --task <name>', "--to pt: the task in the files' names (default: the manifest's)")
      .addOption(
        new Option('--split <name>', 'split of a single .pt file whose name does not say it').choices([
          'train',
          'dev',
          'test',
        ]),
      )
      .option('--force', 'take over an output directory that holds another run');
    addOutputOptions(command).action(async (paths: string[], flags: Flags) => {
      const { renderTable } = await import('../../present/render-table.js');
      const { conversionTable } = await import('../../present/conversion-table.js');
      const { ConflictingOptionsError } = await import('../../options/errors.js');
      const { out, task, split, force } = flags;
      const convert = async () => {
        if (flags.to === 'npy') {
          if (split !== undefined && paths.length > 1) {
            throw new ConflictingOptionsError('--split names the split of one file.', 'Give one file.');
          }
          const { convertFromTorch } = await import('../../run/convert-from-torch.js');
          return convertFromTorch(paths, {
            out,
            ...(split && { split }),
            ...(force !== undefined && { force }),
          });
        }
        const [path, ...more] = paths;
        if (more.length > 0) {
          throw new ConflictingOptionsError('--to pt takes one directory.', 'Convert one after the other.');
        }
        const { convertToTorch } = await import('../../run/convert-to-torch.js');
        return convertToTorch(path!, { out, ...(task !== undefined && { task }) });
      };
      const conversion = await convert();
      if (flags.json) context.stdout.write(`${JSON.stringify(conversion)}\n`);
      else {
        const color = useColor(context.stdout, context.env);
        context.stdout.write(renderTable(conversionTable(conversion), 'terminal', color));
      }
    });
  },
};
