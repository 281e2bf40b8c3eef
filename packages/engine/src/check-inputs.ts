import { sameShape } from '@ntk-lens/core';
import { BadProgramInputError } from './errors.js';
import type { Program } from './program.js';
import type { Resident } from './runtime.js';

/** Refuses inputs that are missing, unknown or of another shape than the program declares. */
export const checkInputs = (program: Program, inputs: Readonly<Record<string, Resident>>): void => {
  for (const [name, spec] of Object.entries(program.inputs)) {
    const tensor = inputs[name];
    if (!tensor) throw new BadProgramInputError(program.name, name, 'nothing', `shape [${spec.shape}]`);
    if (!sameShape(tensor.shape, spec.shape)) {
      throw new BadProgramInputError(program.name, name, `shape [${tensor.shape}]`, `[${spec.shape}]`);
    }
  }
  for (const name of Object.keys(inputs)) {
    if (!program.inputs[name]) {
      throw new BadProgramInputError(
        program.name,
        name,
        'a tensor',
        `one of ${Object.keys(program.inputs).join(', ')}`,
      );
    }
  }
};

/** Identifies a compiled program: its name says what it does, its inputs with which shapes. */
export const programKey = (program: Program): string => `${program.name} ${JSON.stringify(program.inputs)}`;
