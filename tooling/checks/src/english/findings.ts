import { markdownProse } from './markdown.js';
import { sentencesOf } from './prose.js';
import { brokenRules } from './rules.js';
import { sourceProse } from './source.js';

/** A sentence that breaks rules. */
export interface Finding {
  readonly line: number;
  readonly sentence: string;
  readonly rules: readonly string[];
}

/** The sentences of a file that break a rule of CONTRIBUTING.md, Plain English. Other files than pages and sources have none. */
export const findingsIn = (file: string, text: string): readonly Finding[] => {
  const prose = file.endsWith('.md') ? markdownProse(text) : sourceProse(text);
  return prose.flatMap(sentencesOf).flatMap((sentence) => {
    const rules = brokenRules(sentence);
    return rules.length === 0 ? [] : [{ line: sentence.line, sentence: sentence.source, rules }];
  });
};
