import type { SplitName } from '@ntk-lens/core';
import type { TableFormat } from '../spec/table-format.js';
import type { TaskFiles } from '../spec/task-spec.js';

/** Prompts that several tasks share, in LM-BFF's template language. */
export const templates = {
  itWas: '*cls**sent_0*_It_was*mask*.*sep+*',
  thisIs: '*cls**sent_0*_This_is*mask*.*sep+*',
  aboutNews: '*cls**sent_0*_This_article_is_about*mask*_news.*sep+*',
  askPair: '*cls**sent-_0*?*mask*,*+sentl_1**sep+*',
  samePair: '*cls**sent_0**mask*,*+sentl_1**sep+*',
} as const;

const usualNames: Record<SplitName, readonly string[]> = { train: ['train'], dev: ['dev'], test: ['test'] };

/** Files of a GLUE task: tab-separated, with a header unless said otherwise. */
export const glue = (
  directory: string,
  textColumns: readonly (string | number)[],
  labelColumn: string | number,
  options: Partial<TableFormat & Pick<TaskFiles, 'names'>> = {},
): TaskFiles => {
  const { names = usualNames, ...format } = options;
  return {
    directory,
    names,
    formats: [
      {
        extension: 'tsv',
        format: { type: 'tsv', header: true, allowBlankText: true, textColumns, labelColumn, ...format },
      },
    ],
  };
};

/** Files of LM-BFF's other tasks: CSV without a header, the label first. */
export const csv = (directory: string, textColumn = 1): TaskFiles => ({
  directory,
  names: usualNames,
  formats: [
    {
      extension: 'csv',
      format: { type: 'csv', header: false, allowBlankText: true, textColumns: [textColumn], labelColumn: 0 },
    },
  ],
});

/** Defaults of single-sentence classification. */
export const single = { kind: 'classification', textsPerExample: 1, aliases: [], embedded: false } as const;
/** Defaults of sentence-pair classification. */
export const pair = { ...single, textsPerExample: 2 } as const;

/** Does the first sentence entail the second? */
export const inference = {
  ...pair,
  labels: ['contradiction', 'entailment', 'neutral'],
  labelWords: { contradiction: 'No', entailment: 'Yes', neutral: 'Maybe' },
  template: templates.askPair,
  metrics: ['accuracy'],
  maxLength: 256,
} as const;
