import { readNewlines, showNewlines } from '@ntk-lens/prompts';
import type { RunConfig } from '../options/run-config.js';
import type { Suggestion } from '../run/own-data/suggestion.js';
import { shownPath } from './shown-path.js';

/** Prompts that were tried which are shown. */
const SHOWN = 3;
/** Labels that are named. */
const NAMED = 6;

const listed = (texts: readonly string[], most = NAMED): string =>
  showNewlines(
    texts.length > most
      ? `${texts.slice(0, most).join(', ')} and ${texts.length - most} more`
      : texts.join(', '),
  );

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const also = (columns: readonly (string | number)[]): string =>
  columns.length === 0 ? '' : `, or ${listed(columns.map(String), 3)}`;

/** The findings in a file and the suggestions for it, each line with the flags that change it. */
export const suggestionText = (
  config: RunConfig,
  { columns, rows, labels, shots, test, prompt }: Suggestion,
): string => {
  const { template, mapping = {}, data } = config;
  const lines: [what: string, value: string, flags: string][] = [
    ['text', `${columns.text.join(' and ')}${also(columns.otherTexts)}`, '--text-columns'],
    ['label', `${columns.label}${also(columns.otherLabels)}`, '--label-column'],
    ['labels', listed(Object.entries(labels).map(([label, count]) => `${label} (${count})`)), ''],
    [
      'draws',
      `${shots.join(' and ')} examples per label to train, as many to choose on; ${test} to test on`,
      '--shots, --limit-test',
    ],
  ];
  if (prompt) {
    lines.push(['template', showNewlines(readNewlines(String(template))), '--template']);
    lines.push([
      'words',
      listed(Object.entries(mapping).map(([label, word]) => `${label} → ${word}`)),
      '--mapping',
    ]);
  }
  const { header, all } = columns;
  const named = header ? `columns ${listed(all.map(String), 8)}` : `no header, ${all.length} columns from 0`;
  return [
    `${shownPath(data!)}: ${rows} examples, ${named}`,
    ...lines.map(([what, value, flags]) => `  ${what.padEnd(9)} ${value}${flags && `  (${flags})`}`),
    ...(prompt ? ratings(prompt) : []),
  ].join('\n');
};

const ratings = ({ ratedOn, tried }: NonNullable<Suggestion['prompt']>): readonly string[] => {
  if (ratedOn === 0)
    return ['  No prompt was rated: with several seeds, each sample tests on what others train on.'];
  return [
    `  The best of ${tried.length} prompts, rated on the ${ratedOn} training texts alone, untrained (mean log-likelihood, accuracy):`,
    ...tried
      .slice(0, SHOWN)
      .map(
        ({ template, words, logLikelihood, accuracy }) =>
          `  ${logLikelihood.toFixed(3).replace('-', '−')}  ${percent(accuracy).padStart(7)}  ${showNewlines(template)}  ${listed(Object.values(words))}`,
      ),
  ];
};
