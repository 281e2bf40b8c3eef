import { NtkLensError } from './errors.js';

/** Bytes of another kind where a file belongs: a pointer of Git LFS, a page of a web server, an answer with an error. */
export class StrayContentError extends NtkLensError {
  static readonly code = 'STRAY_CONTENT';
  constructor(file: string, found: string, expected: string, todo: string) {
    super(StrayContentError.code, 'input', `${file}: found ${found}, expected ${expected}. ${todo}`);
  }
}

/** The expected content of a file; a `table` is text of the user's own, in which much may stand. */
export type FileKind = 'binary' | 'json' | 'text' | 'table';

/** Bytes from the start of a file by which `refuseStrayContent` tells it. */
export const strayContentBytes = 2048;

const again = 'Copy or download it again.';
const pull = 'Run "git lfs install" and "git lfs pull" in its folder, or download the file itself.';
const page =
  'It was saved from a page of a website: download the file itself (on the Hub its address has /resolve/, not /blob/).';

interface Stray {
  readonly pattern: RegExp;
  readonly found: (match: RegExpExecArray) => string;
  readonly todo: string;
  /** Kinds of files that cannot start so; all if not given. */
  readonly in?: readonly FileKind[];
}

const quoted = (text: string | undefined): string =>
  text === undefined ? '' : ` (${JSON.stringify(text.trim().replace(/\s+/g, ' ').slice(0, 80))})`;

/** Bytes are read as characters of the same number; what is text already has U+FFFD where a byte was none. */
const strays: readonly Stray[] = [
  { pattern: /^$/, found: () => 'an empty file', todo: again, in: ['binary', 'json'] },
  {
    pattern: /^version https:\/\/git-lfs\.github\.com\/spec\//,
    found: () => 'a Git LFS pointer, which stands for the file',
    todo: pull,
  },
  { pattern: /^# xet version /, found: () => 'a pointer of Git Xet, which stands for the file', todo: pull },
  {
    pattern: /^(?:\.git\/annex|\/annex|(?:\.\.\/)+\.git\/annex)\/objects\//,
    found: () => 'a pointer of git-annex, which stands for the file',
    todo: 'Run "git annex get" on it.',
  },
  {
    pattern: /^(?:\.\.\/)+blobs\/[0-9a-f]{40,64}\s*$/,
    found: () => 'the text of a link, which stands for the file',
    todo: 'Copy the folder with its links resolved, or download the file again.',
  },
  {
    pattern: /^<(?:!doctype\s+html|html)\b(?:[\s\S]*?<title[^>]*>([^<]*))?/i,
    found: ([, title]) => `a page of a website${quoted(title)}`,
    todo: page,
  },
  {
    pattern:
      /^(?:<!--[\s\S]*?-->\s*)?<(?:!doctype\s+html|html|head|body|script|title)\b(?:[\s\S]*?<title[^>]*>([^<]*))?/i,
    found: ([, title]) => `a page of a website${quoted(title)}`,
    todo: page,
    in: ['binary', 'json'],
  },
  {
    pattern: /^(?:<\?xml[^>]*>\s*)?<Error>(?:[\s\S]*?<Code>([^<]*))?/,
    found: ([, code]) => `an error of a storage server${quoted(code)}`,
    todo: `The address was wrong or has expired. ${again}`,
  },
  { pattern: /^<\?xml\b/, found: () => 'an XML document', todo: page },
  {
    pattern: /^\{\s*"error"\s*:\s*("(?:[^"\\]|\\.){0,200}")\s*\}\s*$/,
    found: ([, message]) => `an answer with an error (${message})`,
    todo: `A private or gated model needs a token that may read it. ${again}`,
  },
  {
    // Not a vocabulary, in which such a word has a number.
    pattern:
      /^\{\s*(?:"(?:code|status|statusCode)"\s*:\s*[45]\d\d\s*,\s*)?"(?:error|errors|message|detail)"\s*:\s*(?:("(?:[^"\\]|\\.){0,200}")|[[{n])/,
    found: ([, message]) => `an answer with an error${message === undefined ? '' : ` (${message})`}`,
    todo: `A private or gated model needs a token that may read it. ${again}`,
    in: ['binary', 'json'],
  },
  {
    pattern:
      /^(?:entry not found|not found|repository not found|invalid (?:username|credentials)|access (?:to|denied)|unauthorized|forbidden|bad gateway|internal server error|(?:http )?[45]\d\d\b)[\s\S]{0,200}$/i,
    found: ([text]) => `an answer with an error${quoted(text)}`,
    todo: `A private or gated model needs a token that may read it. ${again}`,
    in: ['binary', 'json'],
  },
  { pattern: /^[[{]\s*["\]}[{]/, found: () => 'JSON text', todo: again, in: ['binary'] },
];

/**
 * The first bytes of packed files, as bytes and as text that was read from them; the program that unpacks
 * them.
 */
const packed: readonly (readonly [starts: readonly string[], name: string, unpack: string])[] = [
  [['\x1f\x8b', '\x1f\ufffd'], 'gzip', 'gunzip'],
  [['\xfd7zXZ\0', '\ufffd7zXZ\0'], 'xz', 'unxz'],
  [['\x28\xb5\x2f\xfd', '\x28\ufffd\x2f\ufffd'], 'zstd', 'unzstd'],
  [['BZh91AY'], 'bzip2', 'bunzip2'],
];

/**
 * Refuses what often stands where a file belongs, and says what to do: a Git LFS pointer, a page or an error of a web
 * server, nothing at all, a packed file. Anything else is left to the file's own reader.
 *
 * @example
 * ```ts
 * refuseStrayContent('config.json', text, 'json');
 * ```
 * @param start the file, or its first `strayContentBytes` bytes
 * @throws StrayContentError
 */
export const refuseStrayContent = (file: string, start: Uint8Array | string, kind: FileKind): void => {
  const bytes =
    typeof start === 'string' ? start : String.fromCharCode(...start.subarray(0, strayContentBytes));
  // A byte order mark, in one reading or the other, and white space may stand before text.
  const text = bytes.slice(0, strayContentBytes).replace(/^(?:\ufeff|\xef\xbb\xbf)?[ \t\r\n]*/, '');
  const refuse = (found: string, todo: string): never => {
    throw new StrayContentError(file, found, wanted[kind], todo);
  };
  for (const [starts, name, unpack] of packed)
    if (starts.some((letters) => text.startsWith(letters)))
      refuse(`a file packed by ${name}`, `Unpack it with ${unpack}.`);
  if (kind !== 'binary' && text.startsWith('PK\x03\x04')) refuse('a zip file', 'Unpack it.');
  for (const stray of strays) {
    const match = !stray.in || stray.in.includes(kind) ? stray.pattern.exec(text) : null;
    if (match) refuse(stray.found(match), stray.todo);
  }
};

const wanted: Readonly<Record<FileKind, string>> = {
  binary: 'the binary file of this name',
  json: 'the JSON file of this name',
  text: 'the text file of this name',
  table: 'text in UTF-8',
};
