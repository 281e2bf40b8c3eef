/** Tells which rules hold for a piece of prose. */
export type Kind =
  /** A paragraph of a page: every rule holds. */
  | 'paragraph'
  /** A docstring or comment: its first sentence may be a noun phrase, such as "Rows of a slice." */
  | 'docstring'
  /** A message of the program: a sentence from a capital to a full stop has a verb. */
  | 'message'
  /** A help text, a tag of a docstring, an item of a list or a cell of a table: it may be a noun phrase. */
  | 'fragment'
  /** A heading or the head of a table: it may also open with "What". */
  | 'label'
  /** A string of few words, which a sentence may be made of: the rules on phrases hold. */
  | 'words';

/** A stretch of prose in a file. */
export interface Prose {
  readonly kind: Kind;
  /** Line of the file at which the text begins, from 1. */
  readonly line: number;
  /** The text, with the line breaks of the file. */
  readonly text: string;
}

/** One sentence of a piece of prose. */
export interface Sentence {
  readonly kind: Kind;
  readonly line: number;
  /** The sentence as it stands in the file, in one line. */
  readonly source: string;
  /** The same in plain words: code and formulas are one word each, marks and addresses are gone. */
  readonly text: string;
  /** True for the first sentence of its piece. */
  readonly first: boolean;
}

const MARK = '\u200b';
const hide = (text: string): string => text.replace(/[^\n]/g, MARK);
/** One word of the same length, as the name of something. */
const word = (text: string): string => text.replace(/[^\n]/g, 'x').replace(/^x/, 'X');

/** A formula is a word, or a sign that counts as a verb, as in `$a = b$`. */
const formula = (text: string): string =>
  /[=<>]|\\(?:approx|le|ge|ne|to|in|sim)\b/.test(text) ? word(text).replace('X', '=') : word(text);

/** Hides code, formulas, quotations and addresses, and keeps the place of everything else. */
const masked = (text: string): string =>
  text
    .replace(/<!--[\s\S]*?-->/g, hide)
    .replace(
      /(`+)[\s\S]*?\1|\{@link [^}]*\}|\$\{[^}]*\}|\$[^$]+\$|"[^"\n]{1,60}"|https?:\/\/\S+\w/g,
      (text) => (/^\$[^{]/.test(text) ? formula(text) : word(text)),
    )
    .replace(/(?<=[\s[(])[\w@-]*(?:\/[\w.-]*\w)+|\b[\w-]+\.(?:md|ts|json|npy|pt|py|svg)\b/g, word)
    .replace(/!\[[^\]]*\]\([^)]*\)/g, hide)
    .replace(/\[([^\]]*)\](\([^)]*\))/g, (_, label: string, url: string) => MARK + label + MARK + hide(url))
    .replace(/ ?\[\d+(?:, [^\]]*)?\]/g, hide)
    // A paragraph may begin with its heading in bold or italics.
    .replace(/^\s*(?:\*\*[^*]+[.:]\*\*|_[^_]+[.:]_)/, hide)
    .replace(/\*\*|(?<![\p{L}\p{N}*])[*_](?=\S)|(?<=\S)[*_](?![\p{L}\p{N}*])/gu, hide);

const abbreviation = String.raw`(?<!(?:^|[\s(])(?:e\.g|i\.e|cf|vs|al|[Ff]ig|[Ee]q|[Aa]pp|[Ss]ec|No)\.)`;
const closing = `(?<=[.?!][)"”’${MARK}]*)`;
// Bold names of packages begin sentences, too.
const opening = `(?=["“(‘]*(?:${MARK}+["“]?\\p{L}|[\\p{Lu}\\p{N}]))`;
/** A blank between a full stop and a word that can begin a sentence, or an empty line. */
const boundary = new RegExp(String.raw`${abbreviation}${closing}\s+${opening}|\n\s*\n`, 'u');

const oneLine = (text: string): string => text.replaceAll(MARK, '').replace(/\s+/g, ' ').trim();

/** The sentences of a piece, in order. */
export const sentencesOf = ({ kind, line, text }: Prose): readonly Sentence[] => {
  const plain = masked(text);
  const sentences: Sentence[] = [];
  let at = 0;
  while (at < plain.length) {
    const rest = plain.slice(at);
    const start = at + (/^\s*/.exec(rest)?.[0].length ?? 0);
    const end = start + (boundary.exec(plain.slice(start))?.index ?? plain.length);
    const words = oneLine(plain.slice(start, end));
    const before = text.slice(0, start).split('\n').length - 1;
    const source = oneLine(text.slice(start, end));
    if (words) sentences.push({ kind, line: line + before, source, text: words, first: !sentences.length });
    at = end;
  }
  return sentences;
};
