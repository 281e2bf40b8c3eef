import type { LongTaskOptions } from '@ntk-lens/core';
import { misspelt } from '../options/environment.js';
import type { Given } from '../options/flags.js';
import type { Surroundings } from '../options/layers.js';
import type { TableFormat } from '../options/output.js';
import { findProjectFile } from '../options/project-file.js';
import { shownPath } from '../present/shown-path.js';
import { useColor } from './color.js';
import { type Call, type Command, type Outcome, readsProject, writesRuns } from './command.js';
import { type CliContext, columnsOf } from './context.js';

/** The options of output, which every command has. */
interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly table?: TableFormat;
}

/** Runs a command under a display of its progress, and prints what it found. */
export const perform = async (
  [program, ...below]: readonly Command[],
  given: Given,
  args: readonly string[],
  argv: readonly string[],
  context: CliContext,
): Promise<void> => {
  const { run, check, training, scheme, command: flags } = given;
  const { noConfig = false, ...rest } = flags;
  const around = { env: context.env, directory: process.cwd(), noProject: noConfig === true };
  await checkOutput(below.at(-1)!, flags, around);
  if (readsProject(below.at(-1)!) && !flags['quiet'] && !flags['json']) saySources(context, around);
  const outcome = await withProgress(context, flags, (long, talk) =>
    below.at(-1)!.run!({
      ...{ run, check, training, scheme, around, args, program, long, argv },
      ...{ ...talk, command: below.at(-1)!, onUnits: context.onUnits },
      flags: rest,
    } as Call<never>),
  );
  await print(outcome, flags, context);
  if (flags['open']) await openReports(outcome, context);
  if (outcome.failure) throw outcome.failure;
};

/** Says which file gives options that the command line does not show, and which variables were to give some and do not. */
const saySources = ({ stderr }: CliContext, { env, directory, noProject }: Surroundings): void => {
  for (const [found, meant] of misspelt(env))
    stderr.write(`the variable ${found} is not known; did you mean ${meant}?\n`);
  const file = noProject ? undefined : findProjectFile(directory);
  if (file !== undefined) stderr.write(`options from ${shownPath(file)}; --no-config ignores it\n`);
};

/** Refuses a place that nothing can be written to, before any work. */
const checkOutput = async (
  { options }: Command,
  { out, dir, explain }: Readonly<Record<string, unknown>>,
  around: Surroundings,
): Promise<void> => {
  const given = out ?? dir;
  if (explain || (given === undefined && !options.some(({ fields }) => writesRuns(fields)))) return;
  const { checkWritable } = await import('@ntk-lens/core');
  if (given !== undefined) return checkWritable(String(given));
  const { checkRunsFolder } = await import('../options/layers.js');
  await checkRunsFolder(around);
};

const withProgress = async <T>(
  context: CliContext,
  { quiet, json }: OutputFlags,
  work: (options: LongTaskOptions, talk: Pick<Call<never>, 'ask' | 'say'>) => Promise<T>,
): Promise<T> => {
  const { stderr, signal, onWork, ask } = context;
  const { createProgressRenderer, terminalLines } = await import('@ntk-lens/report');
  const progress = createProgressRenderer({
    stream: stderr,
    color: useColor(stderr, context),
    mode: quiet ? 'silent' : json ? 'json' : undefined,
  });
  // Statements and questions stand on lines of their own.
  const say = (text: string): void => {
    if (json) progress.log(text);
    else {
      progress.finish();
      stderr.write(`${terminalLines(text, columnsOf(stderr)).join('\n')}\n`);
    }
  };
  const talk = {
    say,
    ask:
      ask && !json
        ? (question: string) => {
            progress.finish();
            onWork?.(false);
            return ask(question);
          }
        : undefined,
  };
  try {
    const result = await work(
      {
        signal,
        onProgress: (event) => {
          // A solver computes on this thread, and does not come to see a signal.
          onWork?.(event.phase !== 'select');
          progress.onProgress(event);
        },
      },
      talk,
    );
    progress.finish();
    return result;
  } catch (error) {
    progress.finish(true);
    throw error;
  } finally {
    onWork?.(false);
  }
};

const print = async (
  { result, shown, directory, reports = [], notes = [] }: Outcome,
  { json, table }: OutputFlags,
  context: CliContext,
): Promise<void> => {
  const { stdout, stderr } = context;
  if (json) {
    stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const style = { color: useColor(stdout, context), columns: columnsOf(stdout) };
  if (typeof shown === 'function') stdout.write(shown(style));
  else {
    const { renderTable } = await import('../present/render-table.js');
    for (const each of shown) if (each) stdout.write(renderTable(each, table, style));
  }
  if (directory !== undefined) {
    const page =
      reports.length === 0
        ? ''
        : `; see report.html${reports.length > 1 ? ' in the folder of each task' : ''}`;
    stderr.write(`written to ${shownPath(directory)}${page}\n`);
  }
  for (const note of notes) stderr.write(`${note}\n`);
};

/** Opens what was written, or says why not. */
const openReports = async ({ reports = [] }: Outcome, { env, stderr }: CliContext): Promise<void> => {
  const { openFile } = await import('./open-file.js');
  for (const report of reports) {
    const reason = await openFile(report, env);
    if (reason !== undefined) stderr.write(`${shownPath(report)} was not opened: ${reason}\n`);
  }
};
