import type { Template } from './parse-template.js';
import { BadIndexError } from './template-errors.js';

/** The names that the pieces of a template can refer to. */
export interface TemplateScope {
  /** Texts of an example, those of its demonstrations included. */
  readonly texts: number;
  /** Label words; leave out to skip the check of `*label_i*`. */
  readonly labels?: number;
  /** Support examples that `*labelx_i*` can name. Default: 0. */
  readonly supports?: number;
}

/**
 * Refuses a template that names a sentence, label word or support example which is not there.
 *
 * @example
 * ```ts
 * checkTemplate(parseTemplate('*cls**sent_0*?*mask*,*+sent_1**sep+*'), { texts: 2, labels: 3 });
 * ```
 * @throws BadIndexError at the first piece out of range
 */
export const checkTemplate = (template: Template, scope: TemplateScope): void => {
  const limits = {
    sentence: [scope.texts, 'texts in the example'],
    label: [scope.labels ?? Number.POSITIVE_INFINITY, 'label words'],
    'support-label': [scope.supports ?? 0, 'support examples'],
  } as const;
  for (const piece of template.pieces) {
    if (!('index' in piece)) continue;
    const [count, what] = limits[piece.kind];
    if (piece.index < count) continue;
    const range =
      count === 0 ? 'no such piece: there are 0' : `an index from 0 to ${count - 1}: there are ${count}`;
    throw new BadIndexError(template.source, piece.start, piece.end, `${range} ${what}`);
  }
};
