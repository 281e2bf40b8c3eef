import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodePrompt } from '../encode/encode-prompt.js';
import { parseTemplate } from '../template/parse-template.js';
import { characterTokenizer } from '../testing/character-tokenizer.js';
import { candidateTemplates } from './candidate-templates.js';
import { sentenceLimits } from './sentence-limits.js';

it('texts of any length keep the mask in every candidate template', () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 2), fc.integer({ min: 0, max: 500 }), (texts, length) => {
      const templates = candidateTemplates({ texts, labelName: 'kind' });
      const maxLength = 100;
      const parsed = templates.map((template) => parseTemplate(template));
      const limits = sentenceLimits(parsed, characterTokenizer, { texts, maxLength });
      const own = Array.from({ length: texts }, () => `a${'b'.repeat(length)}`);
      for (const template of parsed) {
        const { inputIds, position } = encodePrompt(template, own, characterTokenizer, {
          maxLength,
          ...limits,
        });
        expect(inputIds[position]).toBe(characterTokenizer.special.mask);
        expect(inputIds.length).toBeLessThanOrEqual(maxLength);
      }
    }),
    { numRuns: 40 },
  );
});
