import nlp from 'compromise/two';

/** Verbs that need no tagger. In a formula, the sign is the verb. */
const certain =
  /[=≈≤≥<>∝∈←→]|\b(is|are|was|were|has|have|had|can|cannot|may|must|does|do|will|would|needs?|takes?|gives?|holds?|makes?|says?)\b/i;

const finite = ['PresentTense', 'PastTense', 'Copula', 'Modal', 'Auxiliary', 'Infinitive', 'Imperative'];
/** Verbs that the tagger takes for nouns in sentences of this repository. */
const taken =
  /^(keep|work|check|count|cost|name|call|load|print|write|lower|fit|remain|stay|follow|contribute|decide|allow|answer|stand|move|limit|end|factor|tune)s?$|^(unset|leaves|expected)$/i;
/** Words after which a word is no finite verb. */
const before = /^(to|the|a|an|no|its|their|our|your|every|of|in|for|with|without|by|from)$/i;

/** False where no word can be a finite verb. It finds verbs too often rather than too rarely. */
export const hasVerb = (text: string): boolean => {
  if (certain.test(text)) return true;
  // A name is a noun in the singular: "it computes" has a verb, "NAME computes" may be two nouns.
  const sentences = nlp(text.replace(/\bXx*\b/g, 'it')).json() as {
    readonly terms: readonly { readonly tags: readonly string[]; readonly text: string }[];
  }[];
  return sentences.some(({ terms }) =>
    terms.some(
      ({ tags, text }, i) =>
        ((taken.test(text) && terms[i - 1]?.text !== 'that') || finite.some((tag) => tags.includes(tag))) &&
        !before.test(terms[i - 1]?.text ?? ''),
    ),
  );
};
