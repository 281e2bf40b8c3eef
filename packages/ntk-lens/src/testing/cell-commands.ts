/** Commands whose units are whole pieces of them, each with options that make it short. */
export const cellCommands: readonly (readonly [command: string, options: readonly string[]])[] = [
  ['check', ['--optimizer', 'sgd', '--steps', '2', '--trajectory', '1,2', '--early-steps', '1']],
  ['reproduce', ['--tasks', 'sentiment,topic', '--parts', 'tables', '--formula', 'sgd', '--steps', '2']],
];

/** The arguments of one of them, without its directory. */
export const cellArgv = (
  model: string,
  [command, options]: (typeof cellCommands)[number],
): readonly string[] => [
  ...[command, '--model', model, '--shots', '2', '--seeds', '13,21', '--limit-test', '6'],
  ...['--threads', '1', ...options, '--quiet'],
];
