import { Command, CommanderError } from 'commander';
import { version } from '../version.js';
import { commands } from './commands/index.js';
import { type CliContext, useColor } from './context.js';
import { exitCodeOf, exitCodes } from './exit-code.js';
import { printError } from './print-error.js';

/**
 * Runs the program.
 *
 * @param argv arguments after the program's name
 * @returns the exit code: 0 done, 1 failure, 2 usage or bad input, 130 interrupted
 */
export const main = async (argv: readonly string[], context: CliContext): Promise<number> => {
  const json = argv.includes('--json');
  const stack = argv.includes('--verbose') || Boolean(context.env['NTK_LENS_DEBUG']);
  try {
    await createProgram(context, json).parseAsync([...argv], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done;
      // Commander has printed the rest; help asked for by mistake (no command) is usage too.
      if (json) {
        const message = error.message.replace(/^error: /, '');
        const line = { type: 'error', kind: 'input', code: 'USAGE', message, exitCode: exitCodes.input };
        context.stderr.write(`${JSON.stringify(line)}\n`);
      }
      return exitCodes.input;
    }
    printError(error, context, { json, stack });
    return exitCodeOf(error, context.signal);
  }
};

const createProgram = (context: CliContext, json: boolean): Command => {
  const program = new Command()
    .name('ntk-lens')
    .description(
      'Would fine-tuning this language model on this task behave like a kernel method? Computes the empirical NTK and the Adam kernels of real language models and solves them.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .showSuggestionAfterError()
    .showHelpAfterError('(ntk-lens --help, or --help after a command, lists what there is)')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => (json ? undefined : context.stderr.write(text)),
      outputError: (text, write) => (json ? undefined : write(text)),
      getOutHasColors: () => useColor(context.stdout, context.env),
      getErrHasColors: () => useColor(context.stderr, context.env),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
    })
    .exitOverride();
  for (const command of commands) command.register(program, context);
  program.addHelpText(
    'after',
    '\nExamples:\n  ntk-lens run                                        the embedded model on the embedded task "sentiment"\n  ntk-lens run --task topic --seeds 13,21,42          three seeds, mean and standard deviation\n  ntk-lens run --model DIR --task SST-2 --data DIR    your model, a k-shot directory as LM-BFF writes it\n  ntk-lens run --config runs/…/config.json            the same run again',
  );
  return program;
};
