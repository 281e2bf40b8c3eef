import type { LongTaskOptions } from '@ntk-lens/core';
import type { Table } from '@ntk-lens/report';
import type { CheckSettings } from '../options/check.js';
import { type Fields, type Group, isOption, type ValuesOf } from '../options/declare.js';
import type { Kind } from '../options/kinds.js';
import type { Surroundings } from '../options/layers.js';
import { output, project } from '../options/output.js';
import type { GivenOptions } from '../options/resolve-config.js';
import type { SchemeSettings } from '../options/scheme.js';
import type { FineTuneSettings } from '../options/training.js';
import type { Ask } from './ask.js';

type Union<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;
type FlagsOf<G extends readonly Group[]> = ValuesOf<
  Union<Extract<G[number], { readonly section: 'command' }>['fields']>
>;

/** The call of a command, as its `run` gets it. */
export interface Call<Flags> {
  /** The arguments on the command line that follow no flag. */
  readonly args: readonly string[];
  /** Values of options that only this command takes, with their defaults. */
  readonly flags: Flags;
  /** Fields of a run that flags give, and further settings. */
  readonly run: GivenOptions;
  readonly check: Partial<CheckSettings>;
  readonly training: Partial<FineTuneSettings>;
  readonly scheme: Partial<SchemeSettings>;
  readonly around: Surroundings;
  /** Signal and progress, for long work. */
  readonly long: LongTaskOptions;
  /** The whole program, and the command that was called. */
  readonly program: Command;
  readonly command: Command;
  /** The command line. */
  readonly argv: readonly string[];
  /** Tells people something at once, on stderr. */
  readonly say: (text: string) => void;
  /** Tells a process that started this one as a worker how many units are done. */
  readonly onUnits?: (done: number) => void;
  /** Asks on a terminal; absent where there is none, and with `--json`. */
  readonly ask?: Ask;
}

/** The result of a command. */
export interface Outcome {
  /** The value that `--json` prints. */
  readonly result: unknown;
  /** The output without `--json`: tables, or a text of a width, in colour or not. */
  readonly shown:
    | readonly (Table | undefined)[]
    | ((style: { readonly color: boolean; readonly columns?: number }) => string);
  /** The directory of written files. */
  readonly directory?: string;
  /** The paths of reports, which `--open` opens. */
  readonly reports?: readonly string[];
  /** Other lines for people, on stderr. */
  readonly notes?: readonly string[];
  /** The error with which the command ends after it has printed all. */
  readonly failure?: Error;
}

/** One command of the program, in a file of its own under `commands/`, listed in `commands/index.ts`. */
export interface Command {
  readonly name: string;
  /** Arguments as the help writes them, such as `<dir...>`, what they are, and names that completion offers. */
  readonly args?: readonly [name: string, help: string, kind?: Pick<Kind<unknown>, 'choices' | 'names'>];
  readonly summary: string;
  readonly description: string;
  readonly options: readonly Group[];
  /** File of the repository that explains it. Default: the README of this package. */
  readonly docs?: string;
  readonly examples?: readonly (readonly [line: string, does: string])[];
  /** Commands of a family: `tasks get`. The first one is meant where none is named. */
  readonly commands?: readonly Command[];
  run?(call: Call<never>): Promise<Outcome>;
}

interface Declared<G extends readonly Group[]> extends Omit<Command, 'options' | 'run' | 'commands'> {
  readonly options?: G;
  /** Imports everything but options inside, so that `--help` stays instant and loads no native library. */
  run(call: Call<FlagsOf<G>>): Promise<Outcome>;
}

/** True for a command whose options a project file can give, or the place of its runs. */
export const readsProject = ({ options }: Pick<Command, 'options'>): boolean =>
  options.some(({ section, fields }) => section !== 'command' || writesRuns(fields));

/** True for options with a place that is in the folder of runs by default. */
export const writesRuns = ({ out }: Fields): boolean =>
  out !== undefined && isOption(out) && out.env !== undefined;

/** Declares a command. It also has the options of output, and that on project files where they count. */
export const command = <const G extends readonly Group[] = readonly []>(declared: Declared<G>): Command => {
  const options: readonly Group[] = declared.options ?? [];
  return { ...declared, options: [...options, ...(readsProject({ options }) ? [project] : []), output] };
};

/** Declares a command of commands. */
export const family = (
  name: string,
  summary: string,
  description: string,
  commands: readonly Command[],
  docs?: string,
): Command => ({ name, summary, description, commands, docs, options: [] });

/** A command with the words that lead to it from the program. */
export interface Place {
  readonly words: string;
  readonly command: Command;
}

/** A command and all that are below it. */
export const commandsBelow = (command: Command, words: readonly string[] = []): readonly Place[] => [
  { words: words.join(' '), command },
  ...(command.commands ?? []).flatMap((below) => commandsBelow(below, [...words, below.name])),
];
