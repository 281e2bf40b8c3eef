import type { Example } from '@ntk-lens/core';
import { type OwnFormatOptions, ownFormat } from '../read/own-format.js';
import { type ExampleRules, parseExamples } from '../read/parse-examples.js';
import { readDataFile } from './read-data-file.js';

/**
 * Reads examples from a CSV, TSV or JSON-lines file of your own.
 *
 * @example
 * ```ts
 * const examples = await loadExamples('mails.jsonl', { textColumns: ['body'], labelColumn: 'kind', labels: ['ham', 'spam'] });
 * ```
 * @param path the file; its extension says what it is
 * @param options columns, and what is accepted
 * @returns examples in file order
 * @throws MissingDataError, MissingColumnError, DataFormatError, UnknownLabelError with the file and the line
 */
export const loadExamples = async (
  path: string,
  options: OwnFormatOptions & ExampleRules = {},
): Promise<Example[]> => {
  const format = ownFormat(path, options);
  return parseExamples(await readDataFile(path), format, path, options);
};
