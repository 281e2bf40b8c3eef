import { CancelledError, isNtkLensError } from '@ntk-lens/core';
import type { Lens } from '@ntk-lens/lens';
import {
  checkTemplate,
  createVerbalizer,
  parseTemplate,
  readNewlines,
  showNewlines,
} from '@ntk-lens/prompts';
import { column, list, ValueError } from '../options/kinds.js';
import type { RunConfig } from '../options/run-config.js';
import type { Suggestion } from '../run/own-data/suggestion.js';
import type { Ask } from './ask.js';

/** A question, until its answer is one: an empty one stands for what is in brackets. */
const answered = async <T>(
  { ask, say }: { readonly ask: Ask; readonly say: (text: string) => void },
  question: string,
  usual: string,
  read: (answer: string) => T,
): Promise<T> => {
  for (;;) {
    const answer = (await ask(`${question} [${showNewlines(readNewlines(usual))}]: `)).trim();
    try {
      return read(answer === '' ? usual : answer);
    } catch (error) {
      if (!isNtkLensError(error) && !(error instanceof ValueError)) throw error;
      say(error.message);
    }
  }
};

/**
 * Asks on a terminal whether a suggestion is taken.
 *
 * @returns fields that the answers change; undefined where the suggestion is taken
 * @throws CancelledError
 */
export const askForChanges = async (
  talk: { readonly ask: Ask; readonly say: (text: string) => void },
  { template = '', mapping = {}, labelRule }: RunConfig,
  { columns, prompt }: Suggestion,
  lens: Lens | undefined,
): Promise<Partial<RunConfig> | undefined> => {
  const texts = columns.text.length;
  const labels = Object.keys(mapping);
  const parts = prompt ? 't changes the template, w the label words, c the columns' : 'c changes the columns';
  for (;;) {
    const answer = (await talk.ask(`Enter takes this, ${parts}, q stops: `)).trim().toLowerCase();
    if (['', 'y', 'yes'].includes(answer)) return undefined;
    if (['q', 'n', 'no'].includes(answer)) throw new CancelledError('The run');
    if (answer === 't' && prompt)
      return answered(talk, 'template', template, (given) => {
        checkTemplate(parseTemplate(given), { texts, labels: labels.length });
        return { template: given };
      });
    if (answer === 'w' && prompt) {
      const words: Record<string, string> = {};
      for (const label of labels)
        words[label] = await answered(talk, `word of ${label}`, mapping[label]!, (given) => {
          const own = { ...words, [label]: given };
          if (lens) createVerbalizer(own, Object.keys(own), lens.tokenizer, { rule: labelRule });
          return given;
        });
      return { mapping: words };
    }
    if (answer === 'c') {
      const known = (given: string | number): string | number => {
        if (columns.all.includes(given)) return given;
        throw new ValueError(`one of ${columns.all.join(', ')}`);
      };
      const textColumns = await answered(talk, 'text columns', columns.text.join(','), (given) =>
        list(column, 2).parse(given).map(known),
      );
      const labelColumn = await answered(talk, 'label column', String(columns.label), (given) =>
        known(column.parse(given)),
      );
      // Other columns may have other labels, and another number of texts.
      return { textColumns, labelColumn, template: undefined, mapping: undefined };
    }
  }
};
