import { files, machine, ownData, prompt, task } from '../../options/all.js';
import { only } from '../../options/declare.js';
import { command } from '../command.js';

export const zeroShotCommand = command({
  name: 'zero-shot',
  summary: 'shows what the model answers without training: no kernel',
  description:
    'Prompts the examples of a task and reads the label words, with any rule for words of several tokens, with demonstrations, averaged over contexts, and calibrated. Takes regression tasks, too. Forward passes only; writes nothing.',
  options: [task, ownData, prompt, only(machine, 'runtime', 'threads'), only(files, 'config')],
  run: async ({ run, flags, around, long }) => {
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { zeroShot } = await import('../../run/zero-shot.js');
    const { zeroShotTable } = await import('../../present/zero-shot-table.js');
    const result = await zeroShot(await resolveConfig(run, flags.config, around), long);
    return { result, shown: [zeroShotTable(result)] };
  },
});
