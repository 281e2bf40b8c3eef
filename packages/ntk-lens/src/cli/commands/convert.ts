import { group, only, option } from '../../options/declare.js';
import { oneOf, text } from '../../options/kinds.js';
import { taskName } from '../../options/names.js';
import { files, report } from '../../options/output.js';
import { command } from '../command.js';

const conversion = group('command', 'Conversion', {
  to: option('--to <format>', oneOf(['npy', 'pt']), 'writes npy, a directory for "solve", or pt', {
    default: 'npy',
  }),
  out: option('-o, --out <dir>', text, 'writes into this directory', { required: true }),
  task: option('-t, --task <name>', taskName, "puts this task into the files' names (with --to pt)", {
    unset: "the manifest's",
  }),
  split: option(
    '--split <name>',
    oneOf(['train', 'dev', 'test']),
    'names the split of a single .pt file whose name does not contain it',
  ),
});

export const convertCommand = command({
  name: 'convert',
  args: ['<path...>', '.pt files or a directory of them; with --to pt one directory with kernels'],
  docs: 'docs/formats.md',
  summary: "converts kernels from and to LM-Kernel-FT, the authors' program",
  description:
    'Reads the .pt files that LM-Kernel-FT saves, (kernel, labels) and (logits, labels), and writes a directory that "solve" takes; nothing in the files is executed. The reverse, --to pt, writes files for torch.load and --load_kernels.',
  options: [conversion, only(files, 'force'), report],
  run: async ({ args, flags: { to, out, task, split, force } }) => {
    const { conversionTable } = await import('../../present/conversion-table.js');
    const { splitNames } = await import('@ntk-lens/core');
    const { ConflictingOptionsError } = await import('../../options/errors.js');
    const [path, ...more] = args;
    if (to === 'npy' && split !== undefined && more.length > 0)
      throw new ConflictingOptionsError('--split names the split of one file.', 'Give one file.');
    if (to === 'pt' && more.length > 0)
      throw new ConflictingOptionsError('--to pt takes one directory.', 'Convert one after the other.');
    const { convertFromTorch } = await import('../../run/convert-from-torch.js');
    const { convertToTorch } = await import('../../run/convert-to-torch.js');
    if (to === 'pt') {
      const result = await convertToTorch(path!, { out, task });
      return { result, shown: [conversionTable(result)] };
    }
    const result = await convertFromTorch(args, { out, split, force });
    // A split alone is not a kernel that a page can show.
    const whole = splitNames.every((name) => result.splits[name]);
    const { leaveKernelReports } = await import('../../present/report/leave-report.js');
    return { result, shown: [conversionTable(result)], ...(await leaveKernelReports(whole ? [out] : [])) };
  },
});
