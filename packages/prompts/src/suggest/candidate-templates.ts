/** The facts about a task and a model that {@link candidateTemplates} needs. */
export interface CandidateTemplatesOptions {
  /** Texts of an example, 1 or 2. Default: 1. */
  readonly texts?: number;
  /** A causal model reads no text after the mask. Default: `masked`. */
  readonly objective?: 'masked' | 'causal';
  /** The name of the labels, such as that of their column: `category` adds a template with `Category:`. */
  readonly labelName?: string;
}

const single = [
  '*cls**sent_0*_It_was*mask*.*sep+*',
  '*cls**sent_0*_This_is*mask*.*sep+*',
  '*cls**sent_0*_This_is_about*mask*.*sep+*',
  '*cls**mask*:*+sent_0**sep+*',
];
const pair = [
  '*cls**sent-_0*?*mask*,*+sentl_1**sep+*',
  '*cls**sent_0**mask*,*+sentl_1**sep+*',
  '*cls**sent_0**+sent_1*_It_was*mask*.*sep+*',
  '*cls**sent_0**+sent_1*_This_is_about*mask*.*sep+*',
];

/** `Ticket type` of `ticket_type`; undefined for a name that is no words. */
const asTitle = (name: string | undefined): string | undefined => {
  const words = name?.trim().replace(/[\s_-]+/g, ' ');
  return words && /^\p{L}[\p{L}\p{N} ]{0,39}$/u.test(words)
    ? words[0]!.toUpperCase() + words.slice(1)
    : undefined;
};

/**
 * Templates to try on a task of which nothing is known but its kind: those of LM-BFF's tasks of the kind, and one that names
 * what is asked for. All of them fit the objective, and the first is the usual one.
 *
 * @example
 * ```ts
 * candidateTemplates({ labelName: 'category' }); // [ '*cls**sent_0*_It_was*mask*.*sep+*', … '*cls**sent_0*_Category:*mask*.*sep+*' ]
 * ```
 */
export const candidateTemplates = ({
  texts = 1,
  objective = 'masked',
  labelName,
}: CandidateTemplatesOptions = {}): readonly string[] => {
  const title = asTitle(labelName)?.replaceAll(' ', '_');
  const named = `*cls**sent_0*${texts === 1 ? '' : '*+sent_1*'}_${title}:*mask*.*sep+*`;
  const all = [...(texts === 1 ? single : pair), ...(title === undefined ? [] : [named])];
  if (objective === 'masked') return all;
  // A causal model begins with the text and is read where the word would follow.
  const before = all.filter((template) => !/\*mask\*.*sent/.test(template));
  return before.map((template) => template.replace('*cls*', '').replace(/(?<=\*mask\*).*$/, ''));
};
