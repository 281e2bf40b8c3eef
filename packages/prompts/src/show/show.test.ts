import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePrompt } from '../encode/encode-prompt.js';
import type { EncodePromptOptions } from '../encode/prompt-options.js';
import { arbitraryTemplate, arbitraryText } from '../testing/arbitrary-template.js';
import { characterTokenizer as tokenizer } from '../testing/character-tokenizer.js';
import { describePrompt } from './describe-prompt.js';
import { renderPromptAnsi, renderPromptPlain } from './render-prompt.js';

const describe = (template: string, texts: readonly string[], options: EncodePromptOptions = {}) =>
  describePrompt(encodePrompt(template, texts, tokenizer, options), tokenizer);

test('plain text shows pieces, positions, what was left out and what is read', () => {
  const description = describe('*cls**sent_0*_it*mask*.*+sent_1**sep+*', ['abcd', 'xyz'], {
    maxLength: 10,
    firstSentenceLimit: 2,
  });
  expect(renderPromptPlain(description)).toBe(
    [
      '<cls>│ab│✂cd✂│ it│<mask>│.│ x│✂yz✂│✂<sep>✂',
      '',
      '  0  *cls*      <cls>',
      '1–2  *sent_0*   a b',
      '     *sent_0*   c d — 2 tokens left out by the sentence limit',
      '3–5  _it          i t',
      '  6  *mask*     <mask> ◀ read here',
      '  7  .          .',
      '8–9  *+sent_1*    x',
      '     *+sent_1*  y z — 2 tokens left out by the maximum length',
      '     *sep+*     <sep> — 1 token left out by the maximum length',
      '',
      '10 tokens, read at position 6',
    ].join('\n'),
  );
});

test('rows are broken between tokens to fit the terminal, whatever the width of the characters', () => {
  const description = describe('*cls*文字:*sent_0**mask*', ['ab文cdefghi字klmnopqrstuv'], {
    firstSentenceLimit: 18,
  });
  expect(renderPromptPlain(description, { columns: 40 }).split('\n').slice(2)).toEqual([
    '   0  *cls*     <cls>',
    ' 1–3  文字:     文 字 :',
    '4–21  *sent_0*  a b 文 c d e f g h i 字',
    '                k l m n o p q',
    '      *sent_0*  r s t u v',
    '                — 5 tokens left out by the sentence limit',
    '  22  *mask*    <mask> ◀ read here',
    '',
    '23 tokens, read at position 22',
  ]);
});

test('described tokens are the tokens of the prompt, in order', () => {
  fc.assert(
    fc.property(
      arbitraryTemplate(2),
      fc.tuple(arbitraryText, arbitraryText),
      fc.nat(9),
      (source, texts, limit) => {
        const options = { labelWordIds: [70, 71], supportLabels: [1], otherSentenceLimit: limit };
        const prompt = encodePrompt(source, texts, tokenizer, options);
        const { segments, length, position } = describePrompt(prompt, tokenizer);
        const kept = segments.filter(({ omitted }) => omitted === undefined).flatMap(({ tokens }) => tokens);
        expect(kept.map(({ id }) => id)).toEqual(prompt.inputIds);
        expect(kept.map((token) => token.position)).toEqual([...prompt.inputIds.keys()]);
        expect(kept.filter(({ read }) => read).map((token) => token.position)).toEqual([position]);
        expect(length).toBe(kept.length);
      },
    ),
  );
});

test('ANSI text is the plain text in colour, and no text of the user reaches the terminal raw', () => {
  fc.assert(
    fc.property(
      arbitraryTemplate(2),
      fc.tuple(arbitraryText, arbitraryText),
      fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
      (source, texts, columns) => {
        const description = describe(source, texts, { labelWordIds: [70, 71], supportLabels: [1] });
        const options = columns === undefined ? {} : { columns };
        const plain = renderPromptPlain(description, options);
        expect(plain.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(stripVTControlCharacters(renderPromptAnsi(description, options))).toBe(plain);
        const words = (text: string) => text.split(/\s+/).join(' ');
        expect(words(plain)).toBe(words(renderPromptPlain(description)));
      },
    ),
  );
});

test('each kind of piece has its own colour', () => {
  const ansi = renderPromptAnsi(
    describe('*cls**sent_0**sent_1*a_b*label_0**mask*', ['cd', 'ef'], {
      labelWordIds: [70],
      otherSentenceLimit: 1,
    }),
  ).split('\n')[0]!;
  const styles = ansi.split('│').map((part) => part.slice(0, part.indexOf('m')));
  expect(styles).toHaveLength(7);
  expect(new Set(styles).size).toBe(7);
});
