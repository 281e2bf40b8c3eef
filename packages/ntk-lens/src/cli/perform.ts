import type { LongTaskOptions } from '@ntk-lens/core';
import type { Given } from '../options/flags.js';
import type { Surroundings } from '../options/layers.js';
import { files, type TableFormat } from '../options/output.js';
import { shownPath } from '../present/shown-path.js';
import type { Call, Command, Outcome } from './command.js';
import { type CliContext, columnsOf, useColor } from './context.js';

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
  context: CliContext,
): Promise<void> => {
  const { run, check, training, scheme, command: flags } = given;
  const around = { env: context.env, directory: process.cwd() };
  await checkOutput(below.at(-1)!, flags, around);
  const outcome = await withProgress(context, flags, (long) =>
    below.at(-1)!.run!({
      ...{ run, check, training, scheme, around, args, program, long },
      flags,
    } as Call<never>),
  );
  await print(outcome, flags, context);
  if (outcome.failure) throw outcome.failure;
};

/** Refuses a place that nothing can be written to, before any work. */
const checkOutput = async (
  { options }: Command,
  { out, dir, explain }: Readonly<Record<string, unknown>>,
  around: Surroundings,
): Promise<void> => {
  const given = out ?? dir;
  const byDefault = options.some((group) => group === files);
  if (explain || (given === undefined && !byDefault)) return;
  const { checkWritable } = await import('@ntk-lens/core');
  if (given !== undefined) return checkWritable(String(given));
  const { runsFolder } = await import('../options/layers.js');
  await checkWritable(await runsFolder(around));
};

const withProgress = async <T>(
  { stderr, env, signal, onWork }: CliContext,
  { quiet, json }: OutputFlags,
  work: (options: LongTaskOptions) => Promise<T>,
): Promise<T> => {
  const { createProgressRenderer } = await import('@ntk-lens/report');
  const progress = createProgressRenderer({
    stream: stderr,
    color: useColor(stderr, env),
    mode: quiet ? 'silent' : json ? 'json' : undefined,
  });
  try {
    const result = await work({
      signal,
      onProgress: (event) => {
        // A solver computes on this thread, and does not come to see a signal.
        onWork?.(event.phase !== 'select');
        progress.onProgress(event);
      },
    });
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
  { result, shown, directory, notes = [] }: Outcome,
  { json, table }: OutputFlags,
  { stdout, stderr, env }: CliContext,
): Promise<void> => {
  if (json) {
    stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const style = { color: useColor(stdout, env), columns: columnsOf(stdout) };
  if (typeof shown === 'function') stdout.write(shown(style));
  else {
    const { renderTable } = await import('../present/render-table.js');
    for (const each of shown) if (each) stdout.write(renderTable(each, table, style));
  }
  if (directory !== undefined) stderr.write(`written to ${shownPath(directory)}\n`);
  for (const note of notes) stderr.write(`${note}\n`);
};
