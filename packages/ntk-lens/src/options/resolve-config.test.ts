import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from './resolve-config.js';
import { defaultRunConfig, type RunConfig } from './run-config.js';
import { runConfigSchema } from './run-config-schema.js';

const stored = async (config: Partial<RunConfig>): Promise<string> => {
  const file = join(await temporaryDirectory(), 'config.json');
  await writeFile(file, JSON.stringify(config));
  return file;
};

describe('the configuration of a run', () => {
  it('is the defaults when nothing is given, and they are valid', async () => {
    expect(await resolveConfig({})).toEqual(defaultRunConfig);
    expect(runConfigSchema.parse(defaultRunConfig)).toEqual(defaultRunConfig);
  });
  it('is the file when a whole one is given', async () => {
    const config: RunConfig = {
      ...defaultRunConfig,
      task: 'topic',
      mapping: { world: 'earth' },
      template: '*cls**sent_0**mask**sep+*',
      seeds: [1, 2],
      formulas: ['signgd'],
      f0Scales: [null],
      limitTest: 5,
      threads: 2,
    };
    expect(await resolveConfig({}, await stored(config))).toEqual(config);
  });
  it('takes what is given besides over the file, undefined aside', async () => {
    const file = await stored({ task: 'topic', seeds: [1], binary: true });
    const config = await resolveConfig({ seeds: [7], binary: false }, file);
    expect(config).toEqual({ ...defaultRunConfig, task: 'topic', seeds: [7] });
  });
  it("leaves the file's prompt and data behind when another task is given", async () => {
    const file = await stored({ task: 'topic', mapping: { world: 'earth' }, template: '*mask*', data: 'x' });
    expect(await resolveConfig({ task: 'sentiment' }, file)).toEqual(defaultRunConfig);
    expect((await resolveConfig({ task: 'topic' }, file)).template).toBe('*mask*');
  });
  it('reads a mapping as JSON or as a Python dict', async () => {
    const expected = { '0': 'bad', '1': 'good' };
    expect((await resolveConfig({ mapping: `{'0':'bad','1':'good'}` })).mapping).toEqual(expected);
    expect((await resolveConfig({ mapping: '{"0":"bad","1":"good"}' })).mapping).toEqual(expected);
  });
  it('writes directories down so that they are found from elsewhere; a Hub id stays', async () => {
    const directory = await temporaryDirectory();
    expect((await resolveConfig({ data: 'data' })).data).toBe(resolve('data'));
    expect((await resolveConfig({ model: `${directory}/../${directory.split('/').at(-1)}` })).model).toBe(
      directory,
    );
    expect((await resolveConfig({ model: 'roberta-base' })).model).toBe('roberta-base');
  });
});
