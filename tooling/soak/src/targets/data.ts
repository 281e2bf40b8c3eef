import { readFileSync } from 'node:fs';
import { decodeNpy, decodeText, type Random } from '@ntk-lens/core';
import { checkTemplate, parseMapping, parseTemplate } from '@ntk-lens/prompts';
import { findTask, kShotSplits, ownFormat, parseExamples } from '@ntk-lens/tasks';
import { mutatedBytes, mutatedJson, mutatedList, mutatedText, pick } from '@ntk-lens/testing/mutate';
import { type FuzzTarget, fuzzTarget, mustBe } from '../fuzz/target.js';
import { npyBytes } from './right-layout.js';

const TABLES: Readonly<Record<string, readonly string[]>> = {
  csv: [
    'text,label\n"a ""quoted"", text",good\nplain text,bad\n"two\nlines",good\n',
    '\ufefftext;label\r\n"semi;colon";good\r\na, b;bad\r\n',
    'label\ttext\rgood\ta | b\rbad\tc\r',
    'sep=|\ntext|label\na;b|good\n',
  ],
  tsv: ['text\tlabel\nan "odd text\tgood\nplain\tbad\n'],
  jsonl: ['{"text":"a text","label":"good"}\n{"text":"b","label":1}\n'],
};
const ENCODED: readonly Uint8Array[] = [
  ...Object.values(TABLES).flat(),
  'text,label\ncafé,gut\n映画,良い\n😀,good\n',
].map((text) => new TextEncoder().encode(text));
const TEMPLATES = [
  ...['*cls**sent_0*_It_was*mask*.*sep+*', '*cls**sent-_0*?*mask*,*+sentl_1**sep+*'],
  ...['*cls**label_0*_*sent_0**mask**sep+**sent_1*_*label_1**sep+*', '*sent_0**mask*'],
];
const SAFE_PIECES = ['*cls*', '*sep*', '*sep+*', '*sent_0*', '*+sentu-_1*', '*label_0*', '_', 'It was', '🌷'];
const PIECES = [
  '*cls*',
  '*sep*',
  '*sep+*',
  '*mask*',
  '*sent_0*',
  '*+sentu-_1*',
  '*label_0*',
  '*labelx_0*',
  '*',
  '_',
];
const MAPPINGS = [
  `{'0':'terrible','1':'great'}`,
  '{"contradiction": "No", "entailment": "Yes"}',
  '{0: "a", -1: \'b\\u00e9\'}',
];

const RECORDS = [
  { text: 'a text', label: 'good' },
  { text: 'b', label: 1 },
  { text: 'two\nlines', label: '映画' },
];

/** JSON lines of a few records, one of them edited, or text that was edited itself. */
const editedLines = (random: Random, text: string, words: readonly string[]): string => {
  if (random.interval(2) === 0) return mutatedText(random, text, words);
  const edited = random.interval(RECORDS.length - 1);
  return RECORDS.map((record, i) => JSON.stringify(i === edited ? mutatedJson(random, record) : record)).join(
    pick(random, ['\n', '\n', '\r\n', '\n\n']),
  );
};

const ENTRIES = ["'2': 'so-so'", '"x y": "\\u00e9"', "7: 'Ġgood'", '"__proto__": "a"', "'\\x41': ' b '"];

const table = (extension: string, inputs: number): FuzzTarget =>
  fuzzTarget(`.${extension}`, inputs, () => ({
    make: (random) => {
      const edit = extension === 'jsonl' ? editedLines : mutatedText;
      return edit(random, pick(random, TABLES[extension]!), ['text', 'label', '""', '\r\n', '{"a":']);
    },
    read: (text) => {
      for (const example of parseExamples(text, ownFormat(`x.${extension}`), `x.${extension}`))
        mustBe(
          typeof example.label === 'string' && example.texts.every((part) => part.trim() !== ''),
          'Examples are whole.',
        );
    },
  }));

export const dataTargets: readonly FuzzTarget[] = [
  table('csv', 120_000),
  table('tsv', 80_000),
  table('jsonl', 80_000),
  fuzzTarget('encodings', 80_000, () => ({
    make: (random) => mutatedBytes(random, pick(random, ENCODED)),
    read: (bytes) => {
      const text = decodeText(bytes, 'x.csv', true);
      mustBe(Buffer.from(text).equals(bytes), 'Text that is read is what the bytes say.');
    },
  })),
  fuzzTarget('splits', 20_000, () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${i % 2},"text, number ${i}"`).join('\n');
    return {
      make: (random) => mutatedText(random, `${rows}\n`, ['0,', '1,', '\n', '"']),
      read: (text) => {
        const originals = new Map([
          ['train.csv', text],
          ['test.csv', `${rows}\n`],
        ]);
        for (const { files } of kShotSplits(findTask('mr'), originals, { shots: 2, seeds: [5] }))
          mustBe(files.size > 0, 'A split has files.');
      },
    };
  }),
  fuzzTarget('templates', 120_000, () => ({
    make: (random) => {
      const some = () => Array.from({ length: random.interval(4) }, () => pick(random, SAFE_PIECES));
      const [before, after] = [some(), some()];
      const text =
        random.interval(1) === 0 ? [...before, '*mask*', ...after].join('') : pick(random, TEMPLATES);
      // Pieces are edited as a whole, the mask seldom, or the text is.
      const edited = random.interval(3);
      if (edited === 0) return mutatedList(random, [...before, '*mask*', ...after], SAFE_PIECES).join('');
      if (edited < 3) return [...mutatedList(random, before, SAFE_PIECES), '*mask*', ...after].join('');
      return mutatedText(random, text, PIECES);
    },
    read: (text) => {
      const template = parseTemplate(text);
      checkTemplate(template, { texts: 2, labels: 2 });
    },
  })),
  fuzzTarget('mappings', 120_000, () => ({
    make: (random) => {
      const text = pick(random, MAPPINGS);
      if (random.interval(1) === 0)
        return mutatedText(random, text, ['\\u', '\\x4', "':'", '"', '{', '}', ',']);
      // Entries are edited as a whole.
      const entries = mutatedList(random, text.slice(1, -1).split(/, ?/), ENTRIES);
      return `{${entries.join(pick(random, [', ', ',', ' ,\n']))}}`;
    },
    read: (text) => {
      for (const word of Object.values(parseMapping(text)))
        mustBe(typeof word === 'string', 'Words are texts.');
    },
  })),
  fuzzTarget('.npy', 120_000, () => {
    const file = new URL('../../../../packages/core/fixtures/npy.json', import.meta.url);
    const cases = JSON.parse(readFileSync(file, 'utf8')) as { file: string; refused?: string }[];
    // Arrays of every type and order that NumPy writes.
    const seeds = cases.flatMap((own) =>
      own.refused === undefined ? [Buffer.from(own.file, 'base64')] : [],
    );
    return {
      make: (random) => {
        const bytes = pick(random, seeds);
        const start = bytes[6] === 1 ? 10 + bytes.readUInt16LE(8) : 12 + bytes.readUInt32LE(8);
        // Half of the edits are made in the numbers, which have no checksum.
        return mutatedBytes(
          random,
          bytes,
          random.interval(2) === 0 ? { from: 0, to: start } : { from: start, to: bytes.length },
        );
      },
      read: (bytes) => {
        const { data, shape } = decodeNpy(bytes);
        mustBe(data.length === shape.reduce((a, b) => a * b, 1), 'As many values as the shape says.');
      },
    };
  }),
  fuzzTarget('.npy, header', 80_000, () => {
    const types = ["'<f4'", "'>f8'", "'|i1'", "'<i8'", "'<f2'", "'|b1'", "'>u2'", "'<U4'", "'|O'"];
    const shapes = ['(2, 3)', '(6,)', '()', '(0, 4)', '(1, 2, 3L)', '(2,3,)', '(7, 5)'];
    const composed = (random: Random): string => {
      const fields = [
        `'descr': ${pick(random, types)}`,
        `'fortran_order': ${pick(random, ['True', 'False'])}`,
        `'shape': ${pick(random, shapes)}`,
      ];
      const first = random.interval(2);
      const ordered = [...fields.slice(first), ...fields.slice(0, first)];
      return `{${ordered.join(pick(random, [', ', ',', ' ,\t']))}${pick(random, [', ', ',', ''])}}`;
    };
    return {
      make: (random) => {
        const header = composed(random);
        return npyBytes(
          random.interval(2) === 0 ? mutatedText(random, header, [...types, ...shapes]) : header,
        );
      },
      read: (bytes) => {
        const { data, shape } = decodeNpy(bytes);
        mustBe(data.length === shape.reduce((a, b) => a * b, 1), 'As many values as the shape says.');
      },
    };
  }),
];
