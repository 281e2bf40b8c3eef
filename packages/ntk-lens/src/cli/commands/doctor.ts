import { integer } from '../../options/parse-value.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { type CliContext, useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

interface Flags extends GlobalFlags {
  readonly model?: string;
  readonly revision?: string;
  readonly runtime?: string;
  readonly against?: string;
  readonly threads?: number;
  readonly seed?: number;
}

export const doctorCommand: CommandModule = {
  register(program, context) {
    const command = program
      .command('doctor')
      .summary('which runtimes work here and how fast; is a model computed right')
      .description(
        'Tries every runtime: usable or why not, how to get it, and how fast it multiplies. With --model, checks a model against itself: padded and in a batch, finite differences, two runtimes. Exit code 1 when a check fails.',
      )
      .optionsGroup('Model:')
      .option('-m, --model <dir|id>', 'check this model; minilm-mlm is the embedded one')
      .option('--revision <name>', 'branch, tag or commit of a Hugging Face model (default: main)')
      .option('--runtime <name>', 'what computes (default: auto)')
      .option('--against <name>', 'second runtime, none for no second (default: another one that works here)')
      .option('--seed <n>', 'of random tokens and directions (default: 0)', integer(0))
      .optionsGroup('Machine:')
      .option('--threads <n>', 'CPU threads (default: all cores)', integer(1));
    addOutputOptions(command).action((flags: Flags) =>
      flags.model === undefined ? runtimes(context, flags) : selfCheck(context, flags, flags.model),
    );
  },
};

const runtimes = async (context: CliContext, flags: Flags): Promise<void> => {
  const { diagnoseRuntimes } = await import('@ntk-lens/engine');
  const { runtimesTable } = await import('../../present/doctor-tables.js');
  const { renderTerminalTable } = await import('@ntk-lens/report');
  const diagnosis = await withProgress(context, flags, (options) =>
    diagnoseRuntimes({ ...options, ...(flags.threads !== undefined && { threads: flags.threads }) }),
  );
  if (flags.json) {
    context.stdout.write(`${JSON.stringify(diagnosis)}\n`);
    return;
  }
  const color = useColor(context.stdout, context.env);
  context.stdout.write(renderTerminalTable(runtimesTable(diagnosis), { color }));
};

const selfCheck = async (context: CliContext, flags: Flags, model: string): Promise<void> => {
  const { checkModel } = await import('../../run/check-model.js');
  const { selfCheckTable } = await import('../../present/doctor-tables.js');
  const { SelfCheckFailedError } = await import('../../run/errors.js');
  const { renderTerminalTable } = await import('@ntk-lens/report');
  const { revision, runtime, against, threads, seed } = flags;
  const checked = await withProgress(context, flags, (options) =>
    checkModel(model, {
      ...options,
      ...(revision !== undefined && { revision }),
      ...(runtime !== undefined && { runtime }),
      ...(against !== undefined && { against }),
      ...(threads !== undefined && { threads }),
      ...(seed !== undefined && { seed }),
    }),
  );
  const color = useColor(context.stdout, context.env);
  context.stdout.write(
    flags.json ? `${JSON.stringify(checked)}\n` : renderTerminalTable(selfCheckTable(checked), { color }),
  );
  const failed = checked.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
  if (failed.length > 0) throw new SelfCheckFailedError(checked.model, failed);
};
