import type { CliContext, TextStream } from './context.js';

/** Words of a command line before `--`, after which no flag stands. */
const flagsOf = (argv: readonly string[]): readonly string[] => {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
};

/** The colours that a command line asks for, wherever it does; the last word counts. */
export const askedColor = (argv: readonly string[]): CliContext['color'] =>
  flagsOf(argv).reduce<CliContext['color']>((before, word, i) => {
    if (word === '--no-color') return 'never';
    const when = word === '--color' ? argv[i + 1] : /^--color=(.*)$/.exec(word)?.[1];
    return when === 'always' || when === 'never' || when === 'auto' ? when : before;
  }, undefined);

/** A command line without the colours that stand before the command, where no command takes them. */
export const withoutLeadingColor = (argv: readonly string[]): readonly string[] => {
  const [first = '', second = ''] = argv;
  if (first === '--no-color' || /^--color=(always|never|auto)$/.test(first))
    return withoutLeadingColor(argv.slice(1));
  return first === '--color' && /^(always|never|auto)$/.test(second)
    ? withoutLeadingColor(argv.slice(2))
    : argv;
};

/**
 * Colours on a stream: as the command line says, else none where NO_COLOR is set, else some where FORCE_COLOR is (but not to
 * 0 or false), else on a terminal.
 */
export const useColor = (
  stream: TextStream,
  { color = 'auto', env }: Pick<CliContext, 'color' | 'env'>,
): boolean => {
  if (color !== 'auto') return color === 'always';
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
};
