import type { Random } from '@ntk-lens/core';

/** A parser, opened: how inputs for it are made, and how one is read. */
export interface OpenTarget<Input> {
  /** A valid input with a few edits. */
  readonly make: (random: Random) => Input;
  /** Reads it, and looks at what was read; throws a typed error where it is refused. */
  readonly read: (input: Input) => unknown;
}

/** A parser that is given inputs which were valid before they were edited. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs at `--share 1`. */
  readonly inputs: number;
  readonly open: () => Promise<OpenTarget<unknown>>;
}

/** Keeps the type of the inputs between `make` and `read`. */
export const fuzzTarget = <Input>(
  name: string,
  inputs: number,
  open: () => Promise<OpenTarget<Input>> | OpenTarget<Input>,
): FuzzTarget => ({ name, inputs, open: async () => (await open()) as OpenTarget<unknown> });

/** For `read`: the result must satisfy this; otherwise the target counts as wrong. */
export function mustBe(right: boolean, what: string): asserts right {
  if (!right) throw new WrongValueError(what);
}

/** A parser that accepted an input and gave what it must not. */
export class WrongValueError extends Error {}
