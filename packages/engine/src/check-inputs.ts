import { sameShape } from '@ntk-lens/core';
import { BadProgramInputError } from './errors.js';
import type { Program } from './program.js';
import type { Resident } from './runtime.js';

/** Refuses inputs that are missing, unknown, no longer resident, or of another shape than the program declares. */
export const checkInputs = (
  program: Program,
  inputs: Readonly<Record<string, Resident>>,
  isResident: (tensor: Resident) => boolean,
): void => {
  const refuse = (name: string, found: string, expected: string) =>
    new BadProgramInputError(program.name, name, found, expected);
  for (const [name, spec] of Object.entries(program.inputs)) {
    const tensor = inputs[name];
    if (!tensor) throw refuse(name, 'nothing', `shape [${spec.shape}]`);
    if (!sameShape(tensor.shape, spec.shape)) {
      throw refuse(name, `shape [${tensor.shape}]`, `[${spec.shape}]`);
    }
    if (!isResident(tensor)) {
      throw refuse(name, 'a tensor that was released or belongs to another runtime', 'a resident one');
    }
  }
  for (const name of Object.keys(inputs)) {
    if (!program.inputs[name]) {
      throw refuse(name, 'a tensor', `one of ${Object.keys(program.inputs).join(', ')}`);
    }
  }
};

const keys = new WeakMap<Program, string>();

/** Identifies a compiled program by its computation and the shapes of its inputs. */
export const programKey = (program: Program): string => {
  const known = keys.get(program);
  if (known !== undefined) return known;
  const { name, identity, inputs } = program;
  const key = `${identity === undefined ? name : `#${identity}`} ${JSON.stringify(inputs)}`;
  keys.set(program, key);
  return key;
};
