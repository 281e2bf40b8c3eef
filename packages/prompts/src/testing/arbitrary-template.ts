import fc from 'fast-check';

const sentencePieces = ['sent', '+sent', 'sent-', 'sentl', '+sentl', 'sentl-', 'sentu', '+sentu'];

/** Texts that tokenizers and templates find hard. */
export const arbitraryText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('', ' ', '<mask>', 'a <mask> b', '*mask*', '_', 'ßa', 'İ', '🌷', '\ud83c', '\u001b[31m'),
);

/** Valid templates over `texts` texts and two label words, with exactly one mask. */
export const arbitraryTemplate = (texts: number): fc.Arbitrary<string> => {
  const piece = fc.oneof(
    fc.constantFrom('*cls*', '*sep*', '*sep+*', '*label_0*', '*label_1*', '*labelx_0*'),
    fc
      .tuple(fc.constantFrom(...sentencePieces), fc.nat(texts - 1))
      .map(([name, index]) => `*${name}_${index}*`),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((text) => !text.includes('*') && !/^(cls|mask|sep\+?|\+?(label|sent).*)$/.test(text)),
  );
  return fc
    .tuple(fc.array(piece, { maxLength: 6 }), fc.array(piece, { maxLength: 6 }))
    .map(([before, after]) => [...before, '*mask*', ...after].join(''));
};

/** Anything at all, rich in what the language is made of; mostly invalid. */
export const arbitrarySource = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '*',
        '**',
        'cls',
        '*mask*',
        'sep+',
        'sep',
        'label_',
        'labelx_0',
        '_',
        '9',
        '-1',
        '99999999999',
      ),
      fc.constantFrom(
        ...sentencePieces.map((name) => `*${name}_0*`),
        ...sentencePieces.map((name) => `${name}_`),
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));
