import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BadArgumentError } from '@ntk-lens/core';
import { checkFields } from './check.js';
import { type Fields, isOption } from './declare.js';
import { checkProjectFile, projectFileName } from './project-file.js';
import type { RunConfig, Source } from './run-config.js';
import { runFields } from './run-config.js';
import { training } from './training.js';

/** What stands around a command: variables of the environment, and the working directory, whose project file is read. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

/** Options from one source. */
export interface Layer {
  readonly source: Source;
  readonly run: Partial<RunConfig>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Settings that a `config.json` can hold beside those of the run. */
export const settingsFields = { check: checkFields, training: training.fields } as const;
export type SettingsName = keyof typeof settingsFields;

/**
 * Everything that options are taken from besides flags: project file, environment, `--config`, the last one winning.
 *
 * @param settings the settings that `--config` holds beside `run`; without, it holds a RunConfig
 * @throws ConfigFileError, ProjectFileError; BadArgumentError for a variable whose value does not fit
 */
export const readLayers = async (
  file: string | undefined,
  around: Surroundings | undefined,
  settings?: SettingsName,
): Promise<readonly Layer[]> => {
  const project = around && (await readProject(around.directory));
  return [
    ...(project ? [layer('project', project, settings && project[settings])] : []),
    ...(around ? [layer('environment', fromEnvironment(around.env, runFields))] : []),
    ...(file === undefined ? [] : [await configLayer(file, settings)]),
  ];
};

/** The folder in which `runs/…` is made: the environment's, the project's, or the working directory. */
export const runsFolder = async ({ env, directory }: Surroundings): Promise<string> =>
  resolve(directory, env['NTK_LENS_OUT'] || ((await readProject(directory))?.out ?? '.'));

const layer = (source: Source, run: Partial<RunConfig>, settings: object = {}): Layer => ({
  source,
  run: Object.fromEntries(Object.entries(run).filter(([name]) => Object.hasOwn(runFields, name))),
  settings: { ...settings },
});

const configLayer = async (file: string, settings: SettingsName | undefined): Promise<Layer> => {
  const [{ readConfigFile }, { partialSchemaOf }] = await Promise.all([
    import('./read-config-file.js'),
    import('./schema.js'),
  ]);
  const run = partialSchemaOf(runFields);
  if (settings === undefined) return layer('config', await readConfigFile(file, run));
  const { z } = await import('zod');
  const both = z.strictObject({ run, [settings]: partialSchemaOf(settingsFields[settings]) });
  const found = await readConfigFile(file, both);
  return layer('config', found.run as Partial<RunConfig>, found[settings] as object);
};

type Project = Partial<RunConfig> & { readonly out?: string } & {
  readonly [S in SettingsName]?: Readonly<Record<string, unknown>>;
};

const readProject = async (directory: string): Promise<Project | undefined> => {
  const file = join(directory, projectFileName);
  if (!existsSync(file)) return undefined;
  const [{ readConfigFile }, { partialSchemaOf }, { z }] = await Promise.all([
    import('./read-config-file.js'),
    import('./schema.js'),
    import('zod'),
  ]);
  const schema = partialSchemaOf(runFields, {
    out: z.string().min(1).optional(),
    check: partialSchemaOf(checkFields).optional(),
    training: partialSchemaOf(training.fields).optional(),
  });
  return (await readConfigFile(file, schema, checkProjectFile)) as Project;
};

const fromEnvironment = (env: Surroundings['env'], fields: Fields): Partial<RunConfig> => {
  const found = Object.entries(fields).flatMap(([name, field]) => {
    if (!isOption(field) || field.env === undefined) return [];
    const text = env[field.env];
    return text === undefined || text === '' ? [] : [[name, parsed(field.env, text, field.kind.parse)]];
  });
  return Object.fromEntries(found);
};

const parsed = <T>(variable: string, text: string, parse: (text: string) => T): T => {
  try {
    return parse(text);
  } catch (error) {
    const expected = (error as Error).message.replace(/^Expected (.*)\.$/, '$1');
    throw new BadArgumentError(variable, text, expected);
  }
};
