import { BadArgumentError } from '@ntk-lens/core';
import { describe, expect, it, vi } from 'vitest';
import { type Bench, type BenchName, benches } from './benches.js';
import { BenchUsageError, UnknownBenchError } from './errors.js';
import { report, understand } from './front.js';
import { parseOptions } from './parse-options.js';

const entries = Object.entries(benches) as readonly (readonly [BenchName, Bench])[];
const textOf = (...argv: string[]): string => {
  const answer = understand(argv);
  if (!('print' in answer)) throw new Error(`${argv.join(' ')} would run a bench`);
  return answer.print;
};

describe('the front of the benches', () => {
  it('lists every bench in one line', () => {
    const lines = textOf().split('\n');
    for (const [name, { summary }] of entries) {
      const line = lines.find((each) => each.trim().startsWith(`${name} `));
      expect(line).toContain(summary);
      expect(line!.length).toBeLessThanOrEqual(110);
    }
    expect(textOf('--help')).toBe(textOf());
  });

  it.each(entries)('%s: the help names every option with its meaning', (name, { options }) => {
    const help = textOf(name, '--help').replace(/\s+/g, ' ');
    for (const [option, { meaning, internal }] of Object.entries(options)) {
      if (internal) expect(help).not.toContain(`--${option} `);
      else {
        expect(help).toContain(`--${option}`);
        expect(help).toContain(meaning.replace(/\s+/g, ' '));
      }
    }
  });

  it('refuses an unknown bench with the name that was meant', () => {
    expect(() => understand(['kernel'])).toThrow(UnknownBenchError);
    expect(() => understand(['tokenise'])).toThrow('Did you mean "tokenize"?');
    expect(() => understand(['constructor'])).toThrow(UnknownBenchError);
  });

  it.each(entries)('%s refuses an unknown option, and words without one', (name) => {
    expect(() => understand([name, '--no-such-thing', '3'])).toThrow(BenchUsageError);
    expect(() => understand([name, '--constructor', '3'])).toThrow(BenchUsageError);
    expect(() => understand([name, '3'])).toThrow(/takes no argument without an option, found "3"/);
  });

  it('says which option was probably meant', () => {
    expect(() => understand(['kernels', '--turn', '3'])).toThrow('Did you mean "--turns"?');
    expect(() => understand(['tokenize', '--pyhton', 'x'])).toThrow('Did you mean "--python"?');
  });

  it.each([
    [['kernels', '--turns', '0'], '--turns: found "0", expected a whole number of at least 1.'],
    [['kernels', '--turns', '1.5'], 'a whole number of at least 1'],
    [['kernels', '--turns='], 'needs a value for --turns'],
    [['kernels', '--turns', '--quick'], 'needs a value for --turns'],
    [['kernels', '--turns'], 'needs a value for --turns'],
    [['kernels', '--quick=yes'], 'takes no value for --quick'],
    [['kernels', '--memory', '-1'], 'a number above 0'],
    [['kernels', '--memory', 'Infinity'], 'a number above 0'],
    [['kernels', '--sections', 'hook'], 'Did you mean "hooks"?'],
    [['kernels', '--model', 'no/such/folder'], 'a folder that exists'],
    [['kernels', '--json', 'no/such/folder/file.json'], 'a place in a folder that exists'],
    [['forward', '--runtime', 'ort'], 'one of ort-cpu'],
    [['kernel-run', '--formula', 'sgd'], 'needs --model'],
  ])('%j: %s', (argv, message) => {
    const refused = vi.fn(() => understand(argv));
    expect(refused).toThrow(message);
    expect(
      [BadArgumentError, BenchUsageError].some((kind) => refused.mock.results[0]!.value instanceof kind),
    ).toBe(true);
  });

  it('reads values by their kinds, the last one of several, and fills in defaults', () => {
    const { options } = benches.kernels;
    const argv = ['--turns=2', '--sections', 'hooks, rate', '--turns', '3', '--quick', '--memory', '2.5'];
    expect(parseOptions('kernels', options, argv)).toMatchObject({
      ...{ turns: 3, sections: ['hooks', 'rate'], quick: true, memory: 2.5, runtime: 'ort-cpu', seed: 0 },
      model: undefined,
    });
  });

  it('prints a typed error without its stack, and ends with code 2', () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      expect(report(new UnknownBenchError('kernals', ['kernels']))).toBe(2);
      expect(print.mock.calls.join()).toContain('Did you mean "kernels"?');
      expect(print.mock.calls.join()).not.toContain(' at ');
    } finally {
      print.mockRestore();
    }
  });
});
