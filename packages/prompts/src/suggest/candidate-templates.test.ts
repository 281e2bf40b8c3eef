import { expect, it } from 'vitest';
import { checkTemplate } from '../template/check-template.js';
import { parseTemplate } from '../template/parse-template.js';
import { candidateTemplates } from './candidate-templates.js';

it('every candidate reads all texts, and a causal model is asked after them', () => {
  for (const texts of [1, 2])
    for (const objective of ['masked', 'causal'] as const)
      for (const labelName of [undefined, 'ticket_type', '*', '日本']) {
        const all = candidateTemplates({ texts, objective, labelName });
        expect(new Set(all).size).toBe(all.length);
        expect(all.length).toBeGreaterThan(1);
        for (const template of all) {
          checkTemplate(parseTemplate(template), { texts, labels: 2 });
          if (objective === 'causal') expect(template).toMatch(/sent_\d.*\*mask\*$/);
        }
      }
  expect(candidateTemplates({ labelName: 'ticket_type' }).at(-1)).toBe(
    '*cls**sent_0*_Ticket_type:*mask*.*sep+*',
  );
});
