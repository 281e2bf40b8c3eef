import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';

export const modelsCommand: CommandModule = {
  register(program, context) {
    const models = program
      .command('models')
      .summary('the models found here')
      .description('Lists the models found here and in the Hugging Face cache, or shows one.');
    addOutputOptions(
      models.command('list', { isDefault: true }).description('list models and architectures'),
    ).action(async (flags: GlobalFlags) => {
      const { embeddedName, modelDirectoriesHere } = await import('@ntk-lens/lens');
      const { cachedModelList } = await import('@ntk-lens/checkpoints');
      const { modelTypes } = await import('@ntk-lens/models');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const found = modelDirectoriesHere();
      const cached = await cachedModelList();
      if (flags.json) {
        const list = { embedded: embeddedName, directories: found, cached, architectures: modelTypes };
        context.stdout.write(`${JSON.stringify(list)}\n`);
        return;
      }
      const table = {
        columns: [{ header: 'model' }, { header: 'where' }],
        rows: [
          { cells: [embeddedName, 'embedded, the default'] },
          ...found.map((directory) => ({ cells: [directory, 'here: --model with this path'] })),
          ...cached.map(({ id, missing }) => ({
            cells: [
              id,
              missing === undefined
                ? 'Hugging Face cache: --model with this id'
                : `Hugging Face cache, not whole: ${missing}`,
            ],
          })),
        ],
        notes: [
          `--model takes any Hugging Face model directory of: ${modelTypes.join(', ')}`,
          'ntk-lens models show DIR prints its shape, size and hash',
        ],
      };
      context.stdout.write(renderTerminalTable(table, { color: useColor(context.stdout, context.env) }));
    });
    addOutputOptions(
      models
        .command('show')
        .argument('[dir]', 'model directory (default: the embedded model)')
        .description('show one model'),
    ).action(async (name: string | undefined, flags: GlobalFlags) => {
      const { modelDirectory } = await import('@ntk-lens/lens');
      const { loadModel } = await import('@ntk-lens/models');
      const { describeModel, modelTable } = await import('../../present/describe-model.js');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const { withProgress } = await import('../with-progress.js');
      const found = await withProgress(context, flags, (options) => modelDirectory(name, options));
      const model = await loadModel(found.directory);
      try {
        const description = await describeModel(found.name, found.directory, model);
        const color = useColor(context.stdout, context.env);
        context.stdout.write(
          flags.json
            ? `${JSON.stringify(description)}\n`
            : renderTerminalTable(modelTable(description), { color }),
        );
      } finally {
        await model.close();
      }
    });
  },
};
