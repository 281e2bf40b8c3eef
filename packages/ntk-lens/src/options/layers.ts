import { dirname, resolve } from 'node:path';
import { checkFields } from './check.js';
import { fromEnvironment } from './environment.js';
import { VariableError } from './errors.js';
import { files } from './output.js';
import { checkProjectFile, findProjectFile } from './project-file.js';
import type { RunConfig, Source } from './run-config.js';
import { runFields } from './run-config.js';
import { training } from './training.js';
import { withWholePaths } from './whole-paths.js';

/**
 * The surroundings of a command: variables of the environment, and the working directory, whose project file
 * is read.
 */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** No project file is read. */
  readonly noProject?: boolean;
}

/** Options from one source. */
export interface Layer {
  readonly source: Source;
  readonly run: Partial<RunConfig>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Settings that a `config.json` can hold in addition to those of the run. */
export const settingsFields = { check: checkFields, training: training.fields } as const;
export type SettingsName = keyof typeof settingsFields;

/**
 * All sources of options except flags: project file, environment, `--config`, the last one winning.
 *
 * @param settings the settings that `--config` holds in addition to `run`; without any, it holds a RunConfig
 * @throws ConfigFileError, ProjectFileError; VariableError
 */
export const readLayers = async (
  file: string | undefined,
  around: Surroundings | undefined,
  settings?: SettingsName,
): Promise<readonly Layer[]> => {
  const project = around && (await readProject(around));
  return [
    ...(project ? [layer('project', project.options, settings && project.options[settings])] : []),
    ...(around ? [layer('environment', fromEnvironment(around.env))] : []),
    ...(file === undefined ? [] : [await configLayer(file, settings)]),
  ];
};

/** The folder in which `runs/…` is made: the environment's, the project's, or the working directory. */
export const runsFolder = async (around: Surroundings): Promise<string> => {
  const { env, directory } = around;
  const variable = env[files.fields.out.env!];
  if (variable) return resolve(directory, variable);
  const project = await readProject(around);
  return project?.options.out === undefined ? directory : resolve(dirname(project.file), project.options.out);
};

/**
 * Refuses a folder of runs that nothing can be written to.
 *
 * @throws VariableError where the environment names it, else what writing there causes
 */
export const checkRunsFolder = async (around: Surroundings): Promise<void> => {
  const { checkWritable } = await import('@ntk-lens/core');
  const name = files.fields.out.env!;
  const variable = around.env[name];
  try {
    await checkWritable(await runsFolder(around));
  } catch (error) {
    if (!variable) throw error;
    throw new VariableError(
      name,
      variable,
      'a folder that can be written to',
      ` ${(error as Error).message}`,
      { cause: error },
    );
  }
};

const layer = (source: Source, run: Partial<RunConfig>, settings: object = {}): Layer => ({
  source,
  run: Object.fromEntries(Object.entries(run).filter(([name]) => Object.hasOwn(runFields, name))),
  settings: { ...settings },
});

const configLayer = async (file: string, settings: SettingsName | undefined): Promise<Layer> => {
  const [{ readConfigFile }, { partialSchemaOf, strict }] = await Promise.all([
    import('./read-config-file.js'),
    import('./schema.js'),
  ]);
  const run = partialSchemaOf(runFields);
  if (settings === undefined) return layer('config', await readConfigFile(file, run));
  const both = strict({ run, [settings]: partialSchemaOf(settingsFields[settings]) });
  const found = await readConfigFile(file, both);
  return layer('config', found.run as Partial<RunConfig>, found[settings] as object);
};

type ProjectOptions = Partial<RunConfig> & { readonly out?: string } & {
  readonly [S in SettingsName]?: Readonly<Record<string, unknown>>;
};

/** The project file that counts, and what it holds, its paths meant from its folder. */
export interface Project {
  readonly file: string;
  readonly options: ProjectOptions;
}

/** @throws ConfigFileError, ProjectFileError */
export const readProject = async ({ directory, noProject }: Surroundings): Promise<Project | undefined> => {
  const file = noProject ? undefined : findProjectFile(directory);
  if (file === undefined) return undefined;
  const [{ readConfigFile }, { projectSchema }] = await Promise.all([
    import('./read-config-file.js'),
    import('./project-schema.js'),
  ]);
  const { $schema: _, ...options } = await readConfigFile(file, projectSchema, checkProjectFile);
  return { file, options: withWholePaths(options, runFields, dirname(file)) as ProjectOptions };
};
