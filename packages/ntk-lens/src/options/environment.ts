import { nearestName } from '@ntk-lens/core';
import { isOption, type Option } from './declare.js';
import { VariableError } from './errors.js';
import { ValueError } from './kinds.js';
import { files } from './output.js';
import { REDIS_PASSWORD } from './queue.js';
import { type RunConfig, runFields } from './run-config.js';

type Environment = Readonly<Record<string, string | undefined>>;
const START = 'NTK_LENS_';

/** Options of runs with a variable that gives their value. */
const given: readonly (readonly [field: string, variable: string, option: Option<unknown>])[] =
  Object.entries(runFields).flatMap(([name, field]) =>
    isOption(field) && field.env !== undefined && !field.envGives ? [[name, field.env, field] as const] : [],
  );

/**
 * The options that variables give; an empty variable gives none.
 *
 * @throws VariableError for a value that does not fit
 */
export const fromEnvironment = (env: Environment): Partial<RunConfig> =>
  Object.fromEntries(
    given.flatMap(([name, variable, { kind }]) => {
      const text = env[variable];
      if (!text) return [];
      try {
        return [[name, kind.parse(text)]];
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        throw new VariableError(variable, text, error.expected, error.hint);
      }
    }),
  );

/** Variables of this program's kind that nothing reads, with those that were probably meant. */
export const misspelt = (env: Environment): readonly (readonly [found: string, meant: string])[] => {
  const known = [...given.map(([, variable]) => variable), files.fields.out.env!, REDIS_PASSWORD];
  const ends = known.map((name) => name.slice(START.length));
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith(START) || known.includes(name)) return [];
    const meant = nearestName(name.slice(START.length), ends);
    return meant === undefined ? [] : [[name, `${START}${meant}`] as const];
  });
};
