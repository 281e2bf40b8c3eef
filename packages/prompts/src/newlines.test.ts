import { expect, test } from 'vitest';
import { encodePrompt } from './encode/encode-prompt.js';
import { describePrompt } from './show/describe-prompt.js';
import { renderPromptPlain } from './show/render-prompt.js';
import { parseTemplate } from './template/parse-template.js';
import { UnknownPieceError } from './template/template-errors.js';
import { characterTokenizer as tokenizer } from './testing/character-tokenizer.js';

const written = 'R:*+sent_0*\\nS:*mask*';
const real = 'R:*+sent_0*\nS:*mask*';

test('a backslash and an n are a newline, and a template with one reads the same', () => {
  expect(parseTemplate(written)).toEqual(parseTemplate(real));
  expect(parseTemplate(parseTemplate(written).source)).toEqual(parseTemplate(real));
  for (const objective of ['masked', 'causal'] as const)
    expect(encodePrompt(written, ['ab'], tokenizer, { objective })).toEqual(
      encodePrompt(real, ['ab'], tokenizer, { objective }),
    );
  const { segments } = encodePrompt(written, ['ab'], tokenizer);
  expect(segments[2]!.text).toBe('\nS:');
});

test('a newline that is a piece by itself is not looked up as a token', () => {
  const { segments } = encodePrompt('*sent_0*\\n*mask*', ['ab'], tokenizer);
  expect(segments[1]!.ids).toEqual(tokenizer.encode('\n'));
});

test('screens and errors show it as ↵, on one line', () => {
  const shown = renderPromptPlain(describePrompt(encodePrompt(written, ['ab'], tokenizer), tokenizer));
  expect(shown.split('\n')[0]).toContain('↵');
  expect(shown).toMatch(/↵S: +↵ S :/);
  const failing = () => parseTemplate('*sent_0*\\nIt*mask**wat\\n*');
  expect(failing).toThrow(UnknownPieceError);
  expect(failing).toThrow(/"wat↵" at character 19/);
  expect(failing).toThrow(/\n {2}\*sent_0\*↵It\*mask\*\*wat↵\*\n {20}\^{4}/);
});
