import { isNtkLensError, wrapText } from '@ntk-lens/core';
import { useColor } from './color.js';
import type { Command } from './command.js';
import { type CliContext, columnsOf } from './context.js';
import { exitCodeOf } from './exit-code.js';
import { withFlags } from './with-flags.js';

/**
 * Prints an error as one paragraph, or as one JSON line; the stack only if asked for. Options that it names are named by
 * the flags of the command.
 */
export const printError = async (
  error: unknown,
  context: CliContext,
  options: { readonly json: boolean; readonly stack: boolean; readonly command?: Command },
): Promise<void> => {
  const own = isNtkLensError(error);
  const said = error instanceof Error || own ? error.message : String(error);
  const message = options.command ? withFlags(said, options.command) : said;
  const stack = options.stack && error instanceof Error ? stackOf(error) : undefined;
  if (options.json) {
    const kind = own ? error.kind : 'failure';
    const code = own ? error.code : systemCode(error);
    const exitCode = exitCodeOf(error, context.signal);
    context.stderr.write(`${JSON.stringify({ type: 'error', kind, code, message, exitCode, stack })}\n`);
    return;
  }
  const { default: pc } = await import('picocolors');
  const { red, bold, dim } = pc.createColors(useColor(context.stderr, context));
  const label = own && error.kind === 'cancelled' ? 'interrupted' : 'error';
  // Control characters of a file's content must not reach the terminal; line breaks may (they point at places).
  const shown = `${label}: ${message.replace(/[^\P{Cc}\n]/gu, '\ufffd').trimEnd()}`;
  const text = wrapped(shown, columnsOf(context.stderr)).slice(label.length + 1);
  context.stderr.write(`${bold(red(`${label}:`))}${text}\n`);
  if (stack !== undefined) context.stderr.write(`${dim(stack)}\n`);
  else if (!own) context.stderr.write(dim('Run again with --verbose to see where this comes from.\n'));
};

/** Lines that keep to a terminal, broken between words; indented ones, which point at places, stay as they are. */
const wrapped = (text: string, columns = Number.POSITIVE_INFINITY): string =>
  text
    .split('\n')
    .flatMap((line) => (line.startsWith(' ') ? line : wrapText(line, columns)))
    .join('\n');

const systemCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNEXPECTED';

const stackOf = (error: Error): string => {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackOf(error.cause)}` : own;
};
