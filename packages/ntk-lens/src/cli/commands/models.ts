import { modelName } from '../../options/names.js';
import { command, family } from '../command.js';

const list = command({
  name: 'list',
  summary: 'lists models and architectures',
  description: 'Lists the models found here and in the Hugging Face cache, and the architectures.',
  run: async () => {
    const { embeddedName, modelDirectoriesHere } = await import('@ntk-lens/lens');
    const { cachedModelList } = await import('@ntk-lens/checkpoints');
    const { modelTypes } = await import('@ntk-lens/models');
    const [directories, cached] = [modelDirectoriesHere(), await cachedModelList()];
    const whereabouts = (missing?: string): string =>
      missing === undefined
        ? 'Hugging Face cache: --model with this id'
        : `Hugging Face cache, not whole: ${missing}`;
    const table = {
      columns: [{ header: 'model' }, { header: 'where' }],
      rows: [
        { cells: [embeddedName, 'embedded, the default'] },
        ...directories.map((directory) => ({ cells: [directory, 'here: --model with this path'] })),
        ...cached.map(({ id, missing }) => ({ cells: [id, whereabouts(missing)] })),
      ],
      notes: [
        `--model takes any Hugging Face model directory of: ${modelTypes.join(', ')}`,
        'ntk-lens models show DIR prints its shape, size and hash',
      ],
    };
    return {
      result: { embedded: embeddedName, directories, cached, architectures: modelTypes },
      shown: [table],
    };
  },
});

const show = command({
  name: 'show',
  args: ['[dir]', 'model directory (default: the embedded model)', modelName],
  summary: 'shows one model',
  description: 'Shows the shape, size and hash of one model.',
  run: async ({ args: [name], long }) => {
    const { modelDirectory } = await import('@ntk-lens/lens');
    const { loadModel } = await import('@ntk-lens/models');
    const { describeModel, modelTable } = await import('../../present/describe-model.js');
    const found = await modelDirectory(name, long);
    const model = await loadModel(found.directory);
    try {
      const result = await describeModel(found.name, found.directory, model);
      return { result, shown: [modelTable(result)] };
    } finally {
      await model.close();
    }
  },
});

export const modelsCommand = family(
  'models',
  'lists the models found here, or shows one',
  'Lists the models found here and in the Hugging Face cache, or shows one.',
  [list, show],
);
