import { type NamedOptimizer, optimizerNamed, optimizerNames } from '@ntk-lens/subspace/optimizers';

const optimizers = optimizerNames.map(optimizerNamed);

/** The value that most of some optimizers have, and the others with theirs. */
const usual = (of: (optimizer: NamedOptimizer) => number, among: readonly NamedOptimizer[]) => {
  const count = (value: number) => among.filter((optimizer) => of(optimizer) === value).length;
  const values = among.map(of).sort((a, b) => count(b) - count(a));
  const others = among.filter((optimizer) => of(optimizer) !== values[0]);
  return { value: values[0]!, others: others.map((optimizer) => ({ ...optimizer, value: of(optimizer) })) };
};

/** `1e-3 for sgd, else 2e-5` */
export const rateDefaults = (): string => {
  const { value, others } = usual(({ learningRate }) => learningRate, optimizers);
  return [
    ...others.map((other) => `${other.value.toExponential()} for ${other.name}`),
    `else ${value.toExponential()}`,
  ].join(', ');
};

/** `sgd`: those that take a setting. */
export const takers = (setting: string): string =>
  taking(setting)
    .map(({ name }) => name)
    .join(', ');

/** `0; adamw: 0.01` */
export const settingDefaults = (setting: string): string => {
  const { value, others } = usual(({ settings }) => settings[setting]!.default, taking(setting));
  return [value, ...others.map((other) => `${other.name}: ${other.value}`)].join('; ');
};

const taking = (setting: string): readonly NamedOptimizer[] =>
  optimizers.filter(({ settings }) => setting in settings);
