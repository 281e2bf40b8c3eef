import { createInterface } from 'node:readline/promises';
import { CancelledError } from '@ntk-lens/core';

/** Asks a question on a terminal. */
export type Ask = (question: string) => Promise<string>;

/**
 * Asks on a terminal, which both streams must be.
 *
 * @returns undefined where one of them is none: then nobody is there to answer
 */
export const askOn = (input: NodeJS.ReadStream, output: NodeJS.WriteStream): Ask | undefined => {
  if (!input.isTTY || !output.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input, output });
    try {
      return await new Promise<string>((resolve, reject) => {
        // Ctrl-C and Ctrl-D.
        for (const event of ['SIGINT', 'close'])
          lines.once(event, () => reject(new CancelledError('The run')));
        lines.question(question).then(resolve, reject);
      });
    } finally {
      lines.close();
    }
  };
};
