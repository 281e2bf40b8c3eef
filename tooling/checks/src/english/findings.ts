import { markdownProse } from './markdown.js';
import { type Prose, sentencesOf } from './prose.js';
import { brokenRules } from './rules.js';
import { sourceProse } from './source.js';

/** A sentence that breaks rules. */
export interface Finding {
  readonly line: number;
  readonly sentence: string;
  readonly rules: readonly string[];
}

/** The description in a package.json. */
const descriptionProse = (text: string): readonly Prose[] => {
  const { description } = JSON.parse(text) as { readonly description?: string };
  if (description === undefined) return [];
  const line = text.split('\n').findIndex((one) => one.includes('"description"')) + 1;
  return [{ kind: 'fragment', line, text: description }];
};

const proseOf = (file: string, text: string): readonly Prose[] => {
  if (file.endsWith('.md')) return markdownProse(text);
  return file.endsWith('package.json') ? descriptionProse(text) : sourceProse(text);
};

/** The sentences of a page, a source file or a package.json that break a rule of CONTRIBUTING.md, Plain English. */
export const findingsIn = (file: string, text: string): readonly Finding[] => {
  return proseOf(file, text)
    .flatMap(sentencesOf)
    .flatMap((sentence) => {
      const rules = brokenRules(sentence);
      return rules.length === 0 ? [] : [{ line: sentence.line, sentence: sentence.source, rules }];
    });
};
