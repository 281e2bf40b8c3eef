import { expect, test } from 'vitest';
import { ctcDecoder, type Decoder, stripDecoder, suffixDecoder, wordPieceDecoder } from './token-decoders.js';

const TOKENS = [
  ['h', 'h', '<pad>', 'e', 'l', 'l', '<pad>', 'l', 'o', '|', '|', 'w', ' do not'],
  ['##a', 'b', '##c##d', ' .', "n't", 'it', "'s"],
  ['a</w>', '</w>b', 'c</w>'],
  ['  a  ', ' ', '', '^a^^', 'x'],
];
const rest = ["##ab##c##d.n'tit's", 'a</w></w>bc</w>', '  a   ^a^^x'];

// The text of Hugging Face's tokenizers 0.23.3.
const golden: readonly (readonly [string, Decoder, readonly string[]])[] = [
  ['CTC', ctcDecoder('<pad>', '|', true), ["hello w don't", ...rest]],
  [
    'CTC as it is',
    ctcDecoder('<pad>', '|', false),
    ['hello|w do not', "##ab##c##d .n'tit's", ...rest.slice(1)],
  ],
  [
    'WordPiece',
    wordPieceDecoder('##', true),
    ["h h <pad> e l l <pad> l o | | w  don't", "##a bc##d .n't it's", 'a</w> </w>b c</w>', '  a      ^a^^ x'],
  ],
  [
    'WordPiece as it is',
    wordPieceDecoder('##', false),
    [
      'h h <pad> e l l <pad> l o | | w  do not',
      "##a bc##d  . n't it 's",
      'a</w> </w>b c</w>',
      '  a      ^a^^ x',
    ],
  ],
  [
    'BPE',
    suffixDecoder('</w>'),
    ['hh<pad>ell<pad>lo||w do not', "##ab##c##d .n'tit's", 'a  bc', '  a   ^a^^x'],
  ],
  ['Strip 1', stripDecoder(' ', 1, 0), ['hh<pad>ell<pad>lo||wdo not', rest[0]!, rest[1]!, ' a  ^a^^x']],
  ['Strip 3', stripDecoder(' ', 3, 0), ['hh<pad>ell<pad>lo||wdo not', rest[0]!, rest[1]!, 'a  ^a^^x']],
];

test.each(golden)('the decoder %s gives the text of Hugging Face', (_, decoder, texts) => {
  expect(TOKENS.map((tokens) => decoder(tokens).join(''))).toEqual(texts);
});

test('Strip takes from both ends, and from a token of nothing else once', () => {
  expect(stripDecoder('^', 1, 2)(['^a^^', '^^^^a^', '^', ''])).toEqual(['a', '^^^a', '', '']);
});
