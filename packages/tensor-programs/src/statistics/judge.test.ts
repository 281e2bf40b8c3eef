import { expect, it } from 'vitest';
import { judge } from './judge.js';

const atLeast = { value: 0.9, side: 'at least' } as const;
const below = { value: 2, side: 'below' } as const;

it('lets the interval over seeds decide', () => {
  expect(judge([0.95, 0.97, 0.99], atLeast)).toMatchObject({ verdict: 'holds', threshold: '≥ 0.9' });
  expect(judge([0.5, 0.6, 0.7], atLeast).verdict).toBe('fails');
  expect(judge([0.5, 0.9, 1.2], atLeast).verdict).toBe('cannot tell');
  expect(judge([0.1, 0.2, 0.3], below)).toMatchObject({ verdict: 'holds', threshold: '< 2' });
  expect(judge([2, 2, 2], below).verdict).toBe('fails');
});

it('decides by the mean of fewer than three seeds, and says so', () => {
  const one = judge([0.91], atLeast);
  expect(one).toMatchObject({ verdict: 'holds', statistic: 0.91 });
  expect(one.interval).toBeUndefined();
  expect(one.note).toMatch(/one seed/);
  expect(judge([0.91, 0.7], atLeast)).toMatchObject({
    verdict: 'fails',
    note: expect.stringMatching(/2 seeds/),
  });
});

it('cannot tell where the statistic is undefined, and counts the seeds where it is', () => {
  expect(judge([undefined], atLeast, 'nothing was gained')).toEqual({
    verdict: 'cannot tell',
    threshold: '≥ 0.9',
    note: 'nothing was gained',
  });
  expect(judge([undefined, 0.95, 0.95, 0.95], atLeast, 'nothing was gained').note).toBe(
    'nothing was gained for 1 of 4 seeds',
  );
});
