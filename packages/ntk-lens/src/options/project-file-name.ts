/** Name of the file with options of all runs in a directory and below it. */
export const projectFileName = 'ntk-lens.json';
