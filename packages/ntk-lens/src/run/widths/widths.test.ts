import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileListName } from '@ntk-lens/core';
import type { LadderCheck } from '@ntk-lens/tensor-programs';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeAll, describe, expect, it } from 'vitest';
import { editSealed } from '../../testing/edit-sealed.js';
import { runCli } from '../../testing/run-cli.js';

const tiny = [
  '--steps',
  '6',
  '--batch',
  '4',
  '--layers',
  '1',
  '--base-width',
  '8',
  '--runtime',
  'ort-cpu',
  '--threads',
  '1',
];
let ladder: string;
beforeAll(async () => {
  ladder = join(await temporaryDirectory(), 'mup');
});

it('pretrain writes a ladder, check --ladder fits its exponents on its own task, other commands take its models', async () => {
  const trained = await runCli(['pretrain', '--widths', '8,16,32', '--seeds', '0', ...tiny, '-o', ladder]);
  expect(trained.stderr).toContain('width 32, seed 0 (3/3)');
  expect(trained.code).toBe(0);
  expect(trained.stdout).toMatch(/Ladder of mup with adam/);
  expect(JSON.parse(await readFile(join(ladder, 'ladder.json'), 'utf8')).rungs).toHaveLength(3);
  const page = await readFile(join(ladder, 'report.html'), 'utf8');
  expect(page).toContain('ntk-lens pretrain --widths 8,16,32 --seeds 0 ');
  expect(page.match(/<figure /g)).toHaveLength(2);
  await rm(join(ladder, 'report.html'));
  expect((await runCli(['report', ladder])).code).toBe(0);
  expect(await readFile(join(ladder, 'report.html'), 'utf8')).toBe(page);
  const record = await readFile(join(ladder, 'ladder.json'), 'utf8');
  await writeFile(join(ladder, 'ladder.json'), record.replace('"width": 8', '"width": 9'));
  expect((await runCli(['report', ladder])).stderr).toMatch(/ladder.json that is not what was written/);
  await writeFile(join(ladder, 'ladder.json'), record);

  const out = join(ladder, '..', 'check');
  const machine = ['--runtime', 'ort-cpu', '--threads', '1'];
  const checked = await runCli([
    'check',
    '--ladder',
    ladder,
    '--shots',
    '4',
    ...machine,
    '-o',
    out,
    '--json',
  ]);
  expect(checked.code).toBe(0);
  const { findings, rungs } = JSON.parse(checked.stdout);
  expect(rungs.map(({ width }: { width: number }) => width)).toEqual([8, 16, 32]);
  expect(findings[0]).toMatchObject({ condition: 'natural task', note: expect.stringContaining('one seed') });
  for (const file of [
    'ladder-chi.svg',
    'ladder-linearization.svg',
    'ladder-kernel.svg',
    'table.md',
    'findings.json',
  ])
    expect(existsSync(join(out, file))).toBe(true);
  expect(JSON.parse(await readFile(join(out, 'findings.json'), 'utf8')).config.data).toBe(
    join(ladder, 'language', 'sentiment.csv'),
  );

  const data = join(ladder, 'language', 'topic.csv');
  const model = join(ladder, 'width-16-seed-0');
  const zeroShot = await runCli([
    'zero-shot',
    '--model',
    model,
    '--task',
    'topic',
    '--data',
    data,
    ...machine,
  ]);
  expect(zeroShot.stderr).not.toContain('error');
  expect(zeroShot.code).toBe(0);
});

describe('a second check', () => {
  const start = (...more: readonly string[]) => {
    const options = ['--shots', '4', '--runtime', 'ort-cpu', '--threads', '1', '--json', ...more];
    return runCli(['check', '--ladder', ladder, ...options]);
  };
  const check = async (...more: readonly string[]) => {
    const { code, stdout, stderr } = await start(...more);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as LadderCheck;
  };
  const kept = () => join(ladder, 'measurements');
  const timesOf = async () => {
    const names = await readdir(kept());
    return new Map(
      await Promise.all(names.map(async (name) => [name, (await stat(join(kept(), name))).mtimeMs] as const)),
    );
  };
  const changedSince = async (before: ReadonlyMap<string, number>) =>
    [...(await timesOf())].filter(([name, time]) => before.get(name) !== time).map(([name]) => name);
  let out: readonly string[];
  let first: LadderCheck;
  beforeAll(async () => {
    out = ['-o', join(ladder, '..', 'check')];
    first = await check(...out);
  });

  it('reads what the first measured, from beside the models', async () => {
    const before = await timesOf();
    // |χ| and three steps of each model, and the two probes of the narrowest one.
    expect(before.size).toBe(3 * 4 + 2);
    expect([...before.keys()].every((name) => name.endsWith('.json'))).toBe(true);
    expect(await check('-o', join(ladder, '..', 'elsewhere'))).toEqual(first);
    expect(await changedSince(before)).toEqual([]);
    // The proof that it is read: what is altered there comes out.
    const [name] = [...before.keys()].filter((file) => file.startsWith('width-32-seed-0-chi'));
    const file = join(kept(), name!);
    const text = await readFile(file, 'utf8');
    await editSealed(file, (content) => ({ ...content, measurement: 0.125 }));
    expect((await check(...out)).rungs[2]!.chi).toBe(0.125);
    await writeFile(file, text);
  });

  it('measures a model anew whose checkpoint changed, or whose measurement was cut', async () => {
    const weights = join(ladder, 'width-16-seed-0', 'model.safetensors');
    const bytes = await readFile(weights);
    const before = await timesOf();
    const other = Buffer.from(bytes);
    const header = Number(bytes.readBigUInt64LE());
    const { data_offsets: place } = JSON.parse(bytes.subarray(8, 8 + header).toString())[
      'bert.embeddings.LayerNorm.bias'
    ];
    other.writeFloatLE(0.5, 8 + header + place[0]);
    await writeFile(weights, other);
    const refused = await start(...out);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('DAMAGED_FILE')]);
    // Whoever means it removes the list of what was written.
    const list = join(ladder, 'width-16-seed-0', fileListName);
    const listed = await readFile(list);
    await rm(list);
    const cut = [...before.keys()].find((name) => name.startsWith('width-32-seed-0-signgd-'))!;
    await writeFile(join(kept(), cut), (await readFile(join(kept(), cut), 'utf8')).slice(0, 150));
    const second = await check(...out);
    const changed = (await changedSince(before)).filter((name) => name !== cut);
    expect(changed.map((name) => name.slice(0, 16))).toEqual(Array(4).fill('width-16-seed-0-'));
    expect(second.rungs[1]!.chi).not.toBe(first.rungs[1]!.chi);
    expect([second.rungs[0], second.rungs[2]]).toEqual([first.rungs[0], first.rungs[2]]);
    await writeFile(weights, bytes);
    await writeFile(list, listed);
  });

  it('measures another learning rate anew, and that alone', async () => {
    const before = await timesOf();
    await check(...out, '--sgd-lr', '0.01');
    const changed = (await changedSince(before)).filter((name) => !name.startsWith('width-16'));
    expect(changed.map((name) => name.replace(/-[\da-f]{12}\.json$/, '')).sort()).toEqual([
      'width-32-seed-0-sgd',
      'width-8-seed-0-sgd',
    ]);
  });
});

it('a ladder of another scheme in the directory, and mixed ladders, are bad input', async () => {
  const other = await runCli([
    'pretrain',
    '--widths',
    '8',
    '--seeds',
    '0',
    ...tiny,
    '--lr',
    '0.1',
    '-o',
    ladder,
  ]);
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/learningRate: 0\.004 and 0\.1/);
  const second = `${ladder}-standard`;
  const scheme = ['--parametrization', 'standard', ...tiny];
  expect((await runCli(['pretrain', '--widths', '8', '--seeds', '0', ...scheme, '-o', second])).code).toBe(0);
  const mixed = await runCli(['check', '--ladder', ladder, second]);
  expect(mixed.code).toBe(2);
  expect(mixed.stderr).toMatch(/parametrization: "standard" and "mup"|parametrization: "mup" and "standard"/);
  const meanField = await runCli([
    'pretrain',
    '--parametrization',
    'mean-field',
    ...tiny,
    '-o',
    `${ladder}-mf`,
  ]);
  expect(meanField.code).toBe(2);
  expect(meanField.stderr).toContain('one hidden layer');
});

it('coordinates leaves a figure and a table, and exits with 1 where the check fails', async () => {
  const out = `${ladder}-coordinates`;
  const options = ['--widths', '8,16,64', '--seeds', '0', ...tiny, '--steps', '2', '--lr', '0.05', '-o', out];
  const failed = await runCli(['coordinates', '--parametrization', 'standard', ...options]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('Coordinate check of "standard"');
  expect(failed.stdout).toContain('layer.0 scores');
  const figure = await readFile(join(out, 'coordinates.svg'), 'utf8');
  const page = await readFile(join(out, 'report.html'), 'utf8');
  expect(page).toContain(figure);
  expect((await runCli(['report', out])).code).toBe(0);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toBe(page);
});
