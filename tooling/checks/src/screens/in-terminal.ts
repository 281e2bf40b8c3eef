import { spawnSync } from 'node:child_process';

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The last state of a line that was written over. It follows the last return that anything was written after. */
const lastState = (line: string): string =>
  line
    .split('\r')
    .map((part) => part.replaceAll('\u001b[K', ''))
    .filter(Boolean)
    .at(-1) ?? '';

/**
 * Runs a command in a terminal of some columns, which `script` of util-linux makes.
 *
 * @returns the lines that are left, with the escapes of their colours
 */
export const linesInTerminal = (argv: readonly string[], columns: number, directory: string): string[] => {
  const command = `stty cols ${columns} rows 24; ${argv.map(quoted).join(' ')}`;
  const { stdout, error } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm-256color', NODE_NO_WARNINGS: '1' },
  });
  if (error) throw error;
  // A terminal breaks a line that is too long after its last column.
  const broken = new RegExp(`[^${String.fromCharCode(27)}]{1,${columns}}`, 'g');
  const lines = stdout
    .replaceAll('\r\n', '\n')
    .trimEnd()
    .split('\n')
    .map(lastState)
    .flatMap((line) => (line.includes('\u001b') || line === '' ? line : line.match(broken)!));
  return lines.filter((line, i) => line !== '' || lines[i - 1] !== '');
};
