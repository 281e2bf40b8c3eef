import { fuzz } from './fuzz/fuzz.js';
import type { Part } from './part.js';
import { fuzzTargets } from './targets/index.js';

/** Every parser with inputs that were valid before they were edited. */
export const fuzzPart = (share: number, seed: number): Part => {
  const targets = fuzzTargets.map(({ name, inputs }) => ({ name, inputs: Math.ceil(inputs * share) }));
  return {
    title: 'Parsers',
    columns: ['parser', 'inputs', 'accepted', 'refused, typed', 'untyped or wrong', 'hung', 'slowest, ms'],
    unit: 'inputs',
    least: targets.reduce((sum, { inputs }) => sum + inputs, 0),
    jobs: targets.map((target) => ({
      name: target.name,
      run: async (onInputs) => {
        const result = await fuzz(target, { seed, onInputs });
        const { name, inputs, accepted, refused, hung, slowest, faults } = result;
        const untyped = faults.length - hung;
        const percent = `${((100 * accepted) / Math.max(1, inputs)).toFixed(0)} %`;
        return {
          row: [name, ...[inputs, percent, refused, untyped, hung, slowest.toFixed(0)].map(String)],
          faults: faults.map(({ number, error, input }) => `${name}, input ${number}: ${error}\n  ${input}`),
          counted: inputs + hung,
        };
      },
    })),
  };
};
