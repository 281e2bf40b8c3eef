import { expect, test } from 'vitest';
import { abcAssignment } from './abc-assignment.js';
import { abcFindings } from './abc-findings.js';
import { namedParametrization } from './named-parametrization.js';

const verdicts = (...args: Parameters<typeof abcFindings>) =>
  abcFindings(...args).map(({ verdict }) => verdict);

test('findings say what the classification says, and cannot tell regimes of what is unstable', () => {
  const network = { optimizer: 'sgd', hiddenLayers: 2 } as const;
  expect(verdicts(namedParametrization('mup', network), 'μP')).toEqual(['holds', 'holds', 'fails']);
  expect(verdicts(namedParametrization('mup', network), 'μP', { lossDerivative: '1/2' })).toEqual([
    'holds',
    'holds',
    'holds',
  ]);
  expect(verdicts(namedParametrization('ntk', network), 'NTK')).toEqual(['holds', 'holds', 'holds']);
  const constant = abcFindings(namedParametrization('standard-constant-rate', network), 'standard');
  expect(constant.map(({ verdict }) => verdict)).toEqual(['fails', 'holds', 'cannot tell']);
  expect(constant[0]!.note).toContain('blow up');
  const slow = abcAssignment({ optimizer: 'sgd', a: [0, 0], b: [0, '1/2'], c: 2 });
  expect(verdicts(slow, 'slow')).toEqual(['holds', 'fails', 'cannot tell']);
});
