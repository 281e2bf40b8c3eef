import nlp from 'compromise/two';

/** Verbs that need no tagger, and verbs that the tagger takes for nouns; in a formula, the sign is the verb. */
const known =
  /[=≈≤≥<>∝∈←→]|\b(is|are|was|were|has|have|had|can|cannot|may|must|does|do|will|would|needs?|takes?|gives?|holds?|makes?|says?|keeps?|works?|checks?|counts?|costs?|names?|calls?|loads?|prints?|writes?|lowers?|unset|fine-tune|expected|fits?|remains?|stays?|follows?|contributes?|decides?|allows?|answers?|stands?|moves?)\b/i;

const finite = ['PresentTense', 'PastTense', 'Copula', 'Modal', 'Auxiliary', 'Infinitive', 'Imperative'];

/** False where no word can be a finite verb. It finds verbs too often rather than too rarely. */
export const hasVerb = (text: string): boolean => {
  if (known.test(text)) return true;
  // A name is a noun in the singular: "it computes" has a verb, "NAME computes" may be two nouns.
  const sentences = nlp(text.replace(/\bXx*\b/g, 'it')).json() as {
    terms: { tags: string[]; text: string }[];
  }[];
  return sentences.some(({ terms }) =>
    terms.some(({ tags }, i) => finite.some((tag) => tags.includes(tag)) && terms[i - 1]?.text !== 'to'),
  );
};
