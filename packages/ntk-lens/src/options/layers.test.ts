import { mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commandsBelow } from '../cli/command.js';
import { program } from '../cli/program.js';
import { resolveCheck } from '../run/check/resolve-check.js';
import { resolveFineTune } from '../run/finetune/resolve-fine-tune.js';
import { isOption } from './declare.js';
import { misspelt } from './environment.js';
import { checkRunsFolder, runsFolder } from './layers.js';
import { findProjectFile } from './project-file.js';
import { projectSchema } from './project-schema.js';
import { resolveConfig } from './resolve-config.js';
import { defaultRunConfig, runFields } from './run-config.js';

/** A directory with a project file, and a config.json. */
const place = async (project?: unknown, config?: unknown) => {
  const directory = await temporaryDirectory();
  if (project !== undefined) await writeFile(join(directory, 'ntk-lens.json'), JSON.stringify(project));
  const file = join(directory, 'config.json');
  if (config !== undefined) await writeFile(file, JSON.stringify(config));
  return { directory, file: config === undefined ? undefined : file };
};

describe('an option is taken', () => {
  it('from a flag, else --config, else the environment, else the project file, else the default', async () => {
    const all = { project: 1, environment: 2, config: 3, flag: 4 };
    const order = ['flag', 'config', 'environment', 'project'] as const;
    for (const [i, winner] of order.entries()) {
      const left = order.slice(i);
      const { directory, file } = await place(
        left.includes('project') ? { threads: all.project } : undefined,
        left.includes('config') ? { threads: all.config } : undefined,
      );
      const env = { NTK_LENS_THREADS: left.includes('environment') ? `${all.environment}` : undefined };
      const given = { threads: left.includes('flag') ? all.flag : undefined };
      const { threads, sources, ...rest } = await resolveConfig(given, file, { env, directory });
      expect([threads, sources]).toEqual([all[winner], { threads: winner }]);
      expect(rest).toEqual(defaultRunConfig);
    }
    const { directory } = await place();
    expect(await resolveConfig({}, undefined, { env: {}, directory })).toEqual(defaultRunConfig);
  });
  it('by a library from what it is given alone', async () => {
    expect(await resolveConfig({ threads: 1 })).toEqual({ ...defaultRunConfig, threads: 1 });
  });
  it('from every variable, in the words of its flag', async () => {
    const { directory } = await place();
    const env = { NTK_LENS_THREADS: '3', NTK_LENS_RUNTIME: 'tfjs-cpu', NTK_LENS_MEMORY: '2GiB' };
    expect(await resolveConfig({}, undefined, { env, directory })).toEqual({
      ...defaultRunConfig,
      ...{ threads: 3, runtime: 'tfjs-cpu', memory: 2 ** 31 },
      sources: { threads: 'environment', runtime: 'environment', memory: 'environment' },
    });
    const bad = { env: { NTK_LENS_MEMORY: 'much' }, directory };
    await expect(resolveConfig({}, undefined, bad)).rejects.toThrow(
      'NTK_LENS_MEMORY: found "much", expected an amount of memory such as 4GB or 512MiB. Set or unset',
    );
    const typo = { env: { NTK_LENS_RUNTIME: 'tfjscpu' }, directory };
    await expect(resolveConfig({}, undefined, typo)).rejects.toThrow('Did you mean "tfjs-cpu"?');
  });
  it('from no variable that is misspelt, which is named with the one that was meant', () => {
    const env = {
      ...{ NTK_LENS_THREAD: '2', NTK_LENS_RUNTIM: 'x', NTK_LENS_OUTPUT: 'x', NTK_LENS_THREADS: '1' },
      NTK_LENS_REDIS_PASWORD: 'x',
    };
    expect(misspelt(env)).toEqual([
      ['NTK_LENS_THREAD', 'NTK_LENS_THREADS'],
      ['NTK_LENS_RUNTIM', 'NTK_LENS_RUNTIME'],
      ['NTK_LENS_OUTPUT', 'NTK_LENS_OUT'],
      ['NTK_LENS_REDIS_PASWORD', 'NTK_LENS_REDIS_PASSWORD'],
    ]);
    const others = {
      NTK_LENS_DEBUG: '1',
      NTK_LENS_REDIS_PASSWORD: 'x',
      NTK_LENS_TFJS_NODE: 'x',
      NTK_LENS_TEST_ALL: '1',
      OTHER_THREAD: '1',
    };
    expect(misspelt(others)).toEqual([]);
  });
  it('from the variable that its declaration names, and from no other', () => {
    const options = commandsBelow(program).flatMap(({ command }) =>
      command.options.flatMap(({ section, fields }) =>
        Object.entries(fields).flatMap(([name, field]) =>
          isOption(field) && field.env ? [{ section, name, env: field.env, gives: field.envGives }] : [],
        ),
      ),
    );
    const variables = new Map(options.map((each) => [each.env, each]));
    expect([...variables.keys()].sort()).toEqual([
      ...[
        'NTK_LENS_MEMORY',
        'NTK_LENS_OUT',
        'NTK_LENS_PROFILE',
        'NTK_LENS_REDIS_PASSWORD',
        'NTK_LENS_RUNTIME',
      ],
      'NTK_LENS_THREADS',
    ]);
    // A variable that gives the value itself is read for the fields of a run.
    for (const { section, name, gives } of options)
      expect(gives !== undefined || (section === 'run' && name in runFields)).toBe(true);
  });
  it('from the file of a run, which has all of them', async () => {
    const { directory, file } = await place(undefined, { ...defaultRunConfig, task: 'topic' });
    const { sources, ...rest } = await resolveConfig({}, file, { env: {}, directory });
    expect(rest).toEqual({ ...defaultRunConfig, task: 'topic' });
    expect(new Set(Object.values(sources!))).toEqual(new Set(['config']));
  });
  it("without a lower layer's prompt where a higher one names another task", async () => {
    const { directory } = await place({ task: 'topic', template: '*mask*', threads: 2 });
    const around = { env: {}, directory };
    expect(await resolveConfig({ task: 'sentiment' }, undefined, around)).toEqual({
      ...{ ...defaultRunConfig, threads: 2 },
      sources: { task: 'flag', threads: 'project' },
    });
  });
  it('by checks and trainings, whose settings a project file has under their names', async () => {
    const { directory } = await place({
      threads: 2,
      check: { steps: 8 },
      training: { steps: 9, space: 'bitfit' },
    });
    const around = { env: {}, directory };
    const { run, check } = await resolveCheck({}, { probes: 3 }, undefined, around);
    expect([run.threads, check.steps, check.probes, check.trajectory.at(-1)]).toEqual([2, 8, 3, 8]);
    const { training } = await resolveFineTune({}, { space: 'head' }, false, undefined, around);
    expect([training.steps, training.space]).toEqual([9, 'head']);
  });
});

describe('a project file', () => {
  const resolved = async (project: unknown) => {
    const { directory } = await place(project);
    return resolveConfig({}, undefined, { env: {}, directory });
  };
  it('may not say where secrets are sent; the error names the field', async () => {
    for (const field of ['endpoint', 'hfToken', 'proxy', 'HTTPS_PROXY'])
      await expect(resolved({ [field]: 'http://localhost' })).rejects.toMatchObject({
        ...{ code: 'PROJECT_FILE', kind: 'input', field },
        message: expect.stringContaining(`"${field}"`),
      });
  });
  it('may choose a folder for runs inside its own, through no link either', async () => {
    const { directory } = await place({ out: 'results/mine' });
    expect(await runsFolder({ env: {}, directory })).toBe(join(directory, 'results', 'mine'));
    expect(await runsFolder({ env: { NTK_LENS_OUT: '/elsewhere' }, directory })).toBe('/elsewhere');
    const outside = await temporaryDirectory();
    const linked = await place({ out: 'link/runs' });
    await symlink(outside, join(linked.directory, 'link'), 'dir');
    const dangling = await place({ out: 'link' });
    await symlink(join(outside, 'not', 'yet'), join(dangling.directory, 'link'), 'dir');
    const others = ['../x', 'a/../../x', outside].map((out) => place({ out }));
    for (const { directory: folder } of [linked, dangling, ...(await Promise.all(others))])
      await expect(runsFolder({ env: {}, directory: folder })).rejects.toMatchObject({
        code: 'PROJECT_FILE',
        field: 'out',
      });
  });
  it('refuses an output folder that cannot be', async () => {
    const { directory: circle } = await place({ out: 'link/runs' });
    await symlink('link', join(circle, 'link'));
    await expect(runsFolder({ env: {}, directory: circle })).rejects.toMatchObject({ systemCode: 'ELOOP' });
    for (const [out, systemCode] of [
      ['x'.repeat(300), 'ENAMETOOLONG'],
      ['x/'.repeat(3000), 'ENAMETOOLONG'],
      ['a\0b', 'ERR_INVALID_ARG_VALUE'],
    ]) {
      const { directory } = await place({ out });
      const error = { code: 'FILE_SYSTEM', kind: 'input', systemCode };
      await expect(runsFolder({ env: {}, directory })).rejects.toMatchObject(error);
    }
  });
  it('has fields of config.json, and no others, with the name that was probably meant', async () => {
    await expect(resolved({ shot: [16] })).rejects.toMatchObject({
      ...{ code: 'CONFIG_FILE', kind: 'input' },
      message: expect.stringMatching(/ntk-lens\.json: Unrecognized key: "shot"\. Did you mean "shots"\?/),
    });
    const check = resolved({ check: { step: 3 } });
    await expect(check).rejects.toThrow('field "check": Unrecognized key: "step". Did you mean "steps"?');
    await expect(resolved({ runtime: 'ortcpu' })).rejects.toThrow(/"runtime": .*Did you mean "ort-cpu"\?/);
    await expect(resolved({ seeds: [-1] })).rejects.toThrow(/ntk-lens\.json.*seeds/);
    await expect(resolved({ seeds: [7, 7] })).rejects.toThrow('field "seeds": Expected no value twice.');
    expect((await resolved({ $schema: 'x', seeds: [7] })).seeds).toEqual([7]);
    for (const content of [[], 'x', null, 3])
      await expect(resolved(content)).rejects.toMatchObject({ code: 'CONFIG_FILE' });
  });
  it('counts below its folder, up to the root of a repository or the home folder', async () => {
    const home = await realpath(await temporaryDirectory());
    const repository = join(home, 'repository');
    const deep = join(repository, 'a', 'b');
    const aside = join(home, 'aside');
    for (const folder of [deep, aside]) await mkdir(folder, { recursive: true });
    const write = (folder: string) => writeFile(join(folder, 'ntk-lens.json'), '{}');
    await write(home);
    expect(findProjectFile(deep, home)).toBe(join(home, 'ntk-lens.json'));
    expect(findProjectFile(aside, home)).toBe(join(home, 'ntk-lens.json'));
    await mkdir(join(repository, '.git'));
    expect(findProjectFile(deep, home)).toBeUndefined();
    await write(repository);
    expect(findProjectFile(deep, home)).toBe(join(repository, 'ntk-lens.json'));
    await write(deep);
    expect(findProjectFile(deep, home)).toBe(join(deep, 'ntk-lens.json'));
    // Above a folder that is in neither, anybody can write.
    expect(findProjectFile(aside, join(home, 'elsewhere'))).toBeUndefined();
    expect(findProjectFile(home, join(home, 'elsewhere'))).toBe(join(home, 'ntk-lens.json'));
    expect(findProjectFile(aside, '/')).toBeUndefined();
  });
  it('means paths from its own folder, and names of the Hub as they are', async () => {
    const { directory } = await place({
      data: 'own.csv',
      model: 'mine',
      optimizerState: '../o.pt',
      out: 'res',
    });
    const below = join(directory, 'below');
    for (const name of ['below', '.git', 'mine']) await mkdir(join(directory, name));
    const around = { env: {}, directory: below };
    expect(await resolveConfig({}, undefined, around)).toMatchObject({
      ...{ data: join(directory, 'own.csv'), model: join(directory, 'mine') },
      optimizerState: join(directory, '..', 'o.pt'),
    });
    expect(await runsFolder(around)).toBe(join(directory, 'res'));
    const hub = await place({ model: 'roberta-base' });
    const { model } = await resolveConfig({}, undefined, { env: {}, directory: hub.directory });
    expect(model).toBe('roberta-base');
  });
  it('is ignored where it is not wanted', async () => {
    const { directory } = await place({ threads: 2, out: 'res', token: 'x' });
    const around = { env: {}, directory, noProject: true };
    expect(await resolveConfig({}, undefined, around)).toEqual(defaultRunConfig);
    expect(await runsFolder(around)).toBe(directory);
  });
});

it('a folder of runs that nothing can be written to is refused by the name of its variable', async () => {
  const { directory, file } = await place(undefined, {});
  const around = { env: { NTK_LENS_OUT: join(file!, 'x') }, directory };
  await expect(checkRunsFolder(around)).rejects.toMatchObject({
    ...{ code: 'VARIABLE', kind: 'input' },
    message: expect.stringMatching(/^NTK_LENS_OUT: found ".*config\.json\/x", .*ENOTDIR/),
  });
});

/** UPDATE_SCHEMA=1 writes it instead of comparing it. */
it('the JSON Schema of project files, for editors, is that of the declarations', async () => {
  const file = new URL('../../ntk-lens.schema.json', import.meta.url);
  const schema = { ...z.toJSONSchema(projectSchema, { io: 'input' }), title: 'ntk-lens.json' };
  if (process.env['UPDATE_SCHEMA']) await writeFile(file, `${JSON.stringify(schema, undefined, 2)}\n`);
  else expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(schema);
});

it('a config.json can name no endpoint, and no output', async () => {
  for (const field of ['endpoint', 'token', 'proxy', 'out']) {
    const { directory, file } = await place(undefined, { [field]: 'x' });
    await mkdir(join(directory, 'x'));
    await expect(resolveConfig({}, file, { env: {}, directory })).rejects.toThrow(new RegExp(`"${field}"`));
  }
});

it('a config.json of the first edition is read', async () => {
  // As the first version of the program wrote it for: run --task topic --formula sgd,signgd --limit-test 8 --exclude '*embed*'
  const first = {
    task: 'topic',
    shots: [16],
    seeds: [42],
    formulas: ['sgd', 'signgd'],
    binary: false,
    tied: false,
    keepNoise: false,
    solver: 'lstsq',
    ridge: [0, 0.001, 0.01, 0.1, 1],
    f0Scales: [10, 100, 1000, 10000, null],
    runtime: 'ort-cpu',
    limitTest: 8,
    threads: 2,
    memory: 4e9,
    batch: 16,
    parameters: { exclude: ['*embed*'] },
  };
  const { file } = await place(undefined, first);
  expect(await resolveConfig({}, file)).toEqual(first);
});
