import type { Sentence } from './prose.js';
import { hasVerb } from './verbs.js';

/** A rule of CONTRIBUTING.md, Plain English, that a machine can check. */
interface Rule {
  readonly name: string;
  readonly breaks: (sentence: Sentence) => boolean;
}

const MOST_WORDS = 35;
const count = (text: string): number => text.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** A sentence may not begin like this. Labels may, and in a message such words may follow a value. */
const opening = (name: string, pattern: RegExp): Rule => ({
  name,
  breaks: ({ kind, text }) =>
    kind !== 'label' &&
    kind !== 'words' &&
    pattern.test(text) &&
    !(kind === 'message' && /^[a-z]/.test(text)),
});
const phrase = (name: string, pattern: RegExp): Rule => ({ name, breaks: ({ text }) => pattern.test(text) });

/** True where a sentence needs a verb. */
const needsVerb = ({ kind, first, text }: Sentence): boolean =>
  (kind === 'paragraph' ||
    (kind === 'message' && count(text) > 3 && !/: X\.$/.test(text)) ||
    (kind === 'docstring' && !first)) &&
  (kind === 'paragraph' || /^\P{Ll}/u.test(text)) &&
  /\s.*[.!]$/.test(text) &&
  !/^Defaults?\b/.test(text);

const rules: readonly Rule[] = [
  {
    name: `more than ${MOST_WORDS} words`,
    breaks: ({ kind, text }) => kind !== 'words' && count(text) > MOST_WORDS,
  },
  { name: 'no verb', breaks: (sentence) => needsVerb(sentence) && !hasVerb(sentence.text) },
  opening('begins with "What"; name the thing', /^what\b[^?]*$/i),
  opening('begins with "Of"; say what has it', /^of (?!course\b)/i),
  opening('begins with "Where" and has no main clause; name the place', /^where\b[^,?]*$/i),
  opening('begins with "How", "Why" or "Which"; name the thing', /^(how|why|which)\b[^?]*$/i),
  phrase('a clause hangs on a colon; make it a sentence', /: (of|what) /),
  phrase('"to be had"; say "available"', /\bto be had\b/i),
  phrase('"but for"; say "except"', /\bbut for\b/i),
  phrase('"beside" or "besides"; say "next to", "also" or "in addition to"', /\bbesides?\b/i),
  phrase('"told"; say "known", "given" or "distinguished"', /\btold\b/i),
  phrase('"absent:" for a default; say "default:"', /\babsent:/i),
  phrase('"where absent"; say "by default" or "if there is none"', /\b(where|when|if) absent\b/i),
  phrase('"the other way round"; say which way', /\bthe other way round\b/i),
  phrase('"the same of"; repeat the noun', /\bthe same of\b/i),
  phrase('"comes on top"; say what is included, or what is not', /\bcomes? on top\b/i),
  phrase('"none of" for one thing; say what it is not', /(?<!\bthere )\b(is|was) none of\b/i),
  phrase('"there already"; say "already there" or "finished"', /\bthere already\b/i),
  phrase('"and its like"; say "such as"', /\band (its|their) like\b/i),
];

/** The names of the rules that a sentence breaks. */
export const brokenRules = (sentence: Sentence): readonly string[] =>
  rules.filter(({ breaks }) => breaks(sentence)).map(({ name }) => name);
