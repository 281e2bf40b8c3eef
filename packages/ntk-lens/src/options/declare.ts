import type { Kind } from './kinds.js';

/** An option: all that is known of it. The parser, files, help, tables and completion are made from it. */
export interface Option<T> {
  /** As the help writes it: `-m, --model <dir|id>`. An option without `<…>` is given or not. */
  readonly flags: string;
  readonly kind: Kind<T>;
  /** The effect of the option, in a sentence without its full stop. */
  readonly help: string;
  /** The value of a run that says nothing; a field with one is always there. */
  readonly default?: T;
  /** The text of the help for the default, if the value does not say it. */
  readonly unset?: string;
  /** The value of a flag without `<…>`; true if not given. */
  readonly value?: T;
  /** The value of `--no-…`, which accompanies the option, and the help for it. */
  readonly no?: readonly [value: T, help: string];
  /** Environment variable that gives it where neither a flag nor `--config` does. */
  readonly env?: string;
  /** The value that the variable gives, if it is not the value itself. */
  readonly envGives?: string;
  /** It is part of what a run is: always, or where it is given and not what a run does without it. */
  readonly identity?: 'always' | 'given';
  /** The command, or the object that it is a part of, cannot do without it. */
  readonly required?: true;
  /** Its name in library errors, if not the name of its field. */
  readonly libraryName?: string;
}

/** Options by the fields that they set; a field that is an object has options for its parts. */
export interface Fields {
  readonly [field: string]: Option<unknown> | Fields;
}

type ValueOf<O> = O extends { readonly flags: string; readonly kind: Kind<infer T> }
  ? T
  : O extends Fields
    ? ValuesOf<O>
    : never;
type Always = { readonly default: unknown } | { readonly required: true };
type Flat<T> = { [K in keyof T]: T[K] };

/** The values of fields: those with a default always, the others if they were given. */
export type ValuesOf<F> = Flat<
  { [K in keyof F as F[K] extends Always ? K : never]: ValueOf<F[K]> } & {
    [K in keyof F as F[K] extends Always ? never : K]?: ValueOf<F[K]>;
  }
>;

type Rest<T> = Omit<Option<NoInfer<T>>, 'flags' | 'kind' | 'help'>;
type WithDefault<T> = Rest<T> & { readonly default: NoInfer<T> };
type Required<T> = Rest<T> & { readonly required: true };
type Declare = {
  <T>(flags: string, kind: Kind<T>, help: string, rest: WithDefault<T>): Option<T> & { readonly default: T };
  <T>(flags: string, kind: Kind<T>, help: string, rest: Required<T>): Option<T> & { readonly required: true };
  <T>(flags: string, kind: Kind<T>, help: string, rest?: Rest<T> | string): Option<T>;
};

/** Declares an option; a text at the end is what the help says of its default. */
export const option: Declare = <T>(flags: string, kind: Kind<T>, help: string, rest?: Rest<T> | string) =>
  ({ flags, kind, help, ...(typeof rest === 'string' ? { unset: rest } : rest) }) as never;

/**
 * Sections of a command's settings: `run` for RunConfig, further settings, and those that only the command
 * takes.
 */
export type Section = 'run' | 'check' | 'training' | 'scheme' | 'command';

/** Options that stand together in the help. */
export interface Group<S extends Section = Section, F = Fields> {
  readonly section: S;
  readonly title: string;
  readonly fields: F;
}

export const group = <S extends Section, const F>(section: S, title: string, fields: F): Group<S, F> => ({
  section,
  title,
  fields,
});

/** A group with some of its options. */
export const only = <S extends Section, F, K extends keyof F>(
  { section, title, fields }: Group<S, F>,
  ...names: readonly K[]
): Group<S, Pick<F, K>> => ({
  section,
  title,
  fields: Object.fromEntries(names.map((name) => [name, fields[name]])) as Pick<F, K>,
});

/** True for an option, false for an object of them. */
export const isOption = (field: Option<unknown> | Fields): field is Option<unknown> =>
  typeof field['flags'] === 'string';

/** The values that fields have without a flag or a file. */
export const defaultsOf = <F extends Fields>(fields: F): ValuesOf<F> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) =>
      isOption(field) && field.default !== undefined
        ? [[name, Array.isArray(field.default) ? [...field.default] : field.default]]
        : [],
    ),
  ) as ValuesOf<F>;
