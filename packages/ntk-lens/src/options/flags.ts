import { type Fields, type Group, isOption, type Option, type Section } from './declare.js';

/** One flag of the command line. */
export interface Flag {
  readonly section: Section;
  /** The field that it sets, and in it the part. */
  readonly path: readonly string[];
  readonly option: Option<unknown>;
  /** As the help writes it. */
  readonly flags: string;
  /** `--batch` and other names. */
  readonly names: readonly string[];
  /** Its effect, and the default. */
  readonly help: string;
  readonly takesText: boolean;
  /** The value where it takes no text. */
  readonly value: unknown;
}

const shown = (value: unknown): string =>
  Array.isArray(value) ? (value.length === 0 ? 'none' : value.map(shown).join(',')) : String(value ?? 'inf');

const defaultNote = ({ unset, default: value, env, envGives }: Option<unknown>): string => {
  const text = unset ?? (value === undefined || typeof value === 'boolean' ? undefined : shown(value));
  const variable = env && (envGives ? `${env}: ${envGives}` : `variable: ${env}`);
  const notes = [text === undefined ? '' : `default: ${text}`, variable ?? ''].filter(Boolean);
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`;
};

const namesIn = (flags: string): readonly string[] => flags.match(/(?<![\w-])--?[a-z][\w-]*/gi) ?? [];

/** The name of an option in messages: `--batch`. */
export const flagName = ({ flags }: Option<unknown>): string => namesIn(flags).at(-1)!;

const flagsOfOption = (section: Section, path: readonly string[], option: Option<unknown>): Flag[] => {
  const { flags, no, value = true } = option;
  const common = { section, path, option };
  const { choices = [] } = option.kind;
  const listed = choices.every((name) => option.help.includes(name)) ? '' : `: ${choices.join(', ')}`;
  const help = `${option.help}${listed}${defaultNote(option)}`;
  const takesText = flags.includes('<');
  const first = { ...common, flags, names: namesIn(flags), help, takesText, value };
  if (no === undefined) return [first];
  const name = flagName(option).replace('--', '--no-');
  return [first, { ...common, flags: name, names: [name], help: no[1], takesText: false, value: no[0] }];
};

const flagsOfFields = (section: Section, fields: Fields, path: readonly string[] = []): Flag[] =>
  Object.entries(fields).flatMap(([name, field]) =>
    isOption(field)
      ? flagsOfOption(section, [...path, name], field)
      : flagsOfFields(section, field, [...path, name]),
  );

/** The flags of a group, in the order of the help. */
export const flagsOf = ({ section, fields }: Group): readonly Flag[] => flagsOfFields(section, fields);

/** Values of flags by section and field. */
export type Given = { readonly [S in Section]: Record<string, unknown> };

export const nothingGiven = (): Given => ({ run: {}, check: {}, training: {}, scheme: {}, command: {} });

/** Puts the value of a flag where its field is. */
export const give = (given: Given, { section, path, option }: Flag, value: unknown): void => {
  let target = given[section];
  for (const part of path.slice(0, -1)) target = (target[part] ??= {}) as Record<string, unknown>;
  const name = path.at(-1)!;
  const before = target[name];
  target[name] = option.kind.repeated && before ? [...(before as unknown[]), ...(value as unknown[])] : value;
};
