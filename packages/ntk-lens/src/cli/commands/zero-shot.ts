import { files, machine, ownData, prompt, suggestions, task } from '../../options/all.js';
import { only } from '../../options/declare.js';
import { command } from '../command.js';

export const zeroShotCommand = command({
  name: 'zero-shot',
  summary: 'shows the answers of the model without training and without a kernel',
  description:
    'Prompts the examples of a task and reads the label words, with any rule for words of several tokens, with demonstrations, averaged over contexts, and calibrated. Takes regression tasks, too. Runs forward passes only, and writes nothing.',
  options: [
    task,
    ownData,
    suggestions,
    prompt,
    only(machine, 'runtime', 'threads', 'memory'),
    only(files, 'config'),
  ],
  run: async (call) => {
    const { run, flags, around, long } = call;
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { zeroShot } = await import('../../run/zero-shot.js');
    const { zeroShotTable } = await import('../../present/zero-shot-table.js');
    const { onOwnData } = await import('../own-data.js');
    const config = await resolveConfig(run, flags.config, around);
    return onOwnData(call, config, undefined, async (completed, { lens }) => {
      const result = await zeroShot(completed, { ...long, lens });
      return { result, shown: [zeroShotTable(result)] };
    });
  },
});
