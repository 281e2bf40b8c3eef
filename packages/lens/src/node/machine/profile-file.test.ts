import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { knownProfile, type MachineProfile, processorAtHand } from '@ntk-lens/engine';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { machineProfile, refuseOtherMachine } from './machine-profile.js';
import { cachedProfile, readMachineProfile, writeMachineProfile } from './profile-file.js';

const info = { runtime: 'ort-cpu', version: '1.30.0', threads: 2, dtype: 'float32', reason: '' } as const;
const machine = { ...processorAtHand(2), runtime: info.runtime, version: info.version };
const measured: MachineProfile = {
  ...knownProfile(machine),
  source: 'measured',
  rates: { ...knownProfile(machine).rates, products: 123e9 },
};

const cache = process.env['XDG_CACHE_HOME'];
beforeEach(async () => {
  process.env['XDG_CACHE_HOME'] = await temporaryDirectory();
});
afterEach(() => {
  if (cache === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = cache;
});

test('a profile is read as it was written', async () => {
  const file = join(await temporaryDirectory(), 'folder', 'machine.json');
  expect(await writeMachineProfile(measured, file)).toBe(file);
  expect(await readMachineProfile(file)).toEqual(measured);
});

test('a file that is absent, damaged, of a newer program or something else is refused by name', async () => {
  const file = join(await temporaryDirectory(), 'machine.json');
  await expect(readMachineProfile(file)).rejects.toMatchObject({ code: 'BAD_PROFILE', kind: 'input' });
  await writeMachineProfile(measured, file);
  const text = await readFile(file, 'utf8');
  const damaged: [string, RegExp][] = [
    [text.replace('123000000000', '124000000000'), /damaged/],
    [text.slice(0, -20), /something else/],
    [text.replace('"version": 1', '"version": 2'), /newer program/],
    ['{}', /something else/],
    ['', /something else/],
  ];
  for (const [content, found] of damaged) {
    await writeFile(file, content);
    await expect(readMachineProfile(file)).rejects.toMatchObject({
      code: 'BAD_PROFILE',
      message: expect.stringMatching(found),
    });
    await expect(readMachineProfile(file)).rejects.toThrow(file);
  }
});

test('a rate that is none is refused, even where the hash fits', async () => {
  const file = join(await temporaryDirectory(), 'machine.json');
  for (const products of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await writeMachineProfile({ ...measured, rates: { ...measured.rates, products } }, file);
    await expect(readMachineProfile(file)).rejects.toMatchObject({ code: 'BAD_PROFILE' });
  }
});

test('a new plan takes the given profile, else the one in the cache, else the table', async () => {
  const given = { ...measured, rates: { ...measured.rates, products: 77e9 } };
  expect(await machineProfile(info, undefined)).toEqual(knownProfile(machine));
  expect(await writeMachineProfile(measured)).toBe(cachedProfile(machine));
  expect(await machineProfile(info, undefined)).toEqual(measured);
  expect(await machineProfile(info, given)).toEqual(given);
  // That of other threads is another file.
  expect((await machineProfile({ ...info, threads: 3 }, undefined)).source).not.toBe('measured');
  await writeFile(cachedProfile(machine), 'damaged');
  await expect(machineProfile(info, undefined)).rejects.toMatchObject({ code: 'BAD_PROFILE' });
});

test('a profile of another machine is refused, and every difference is named', async () => {
  for (const other of [
    { processor: 'Abacus' },
    { instructions: 'beads' },
    { threads: 64 },
    { runtime: 'ort-cuda' },
    { version: '0.1.0' },
  ]) {
    const [[field, value]] = Object.entries(other) as [[string, unknown]];
    const profile = { ...measured, machine: { ...machine, ...other } };
    const message = expect.stringContaining(`${field}: found ${value}, expected`);
    await expect(machineProfile(info, profile)).rejects.toMatchObject({ code: 'OTHER_MACHINE', message });
    // Before a runtime is open its version is not known.
    const early = () => refuseOtherMachine(profile, { runtime: 'ort-cpu', threads: 2 });
    if (field === 'version') early();
    else expect(early).toThrow(/The machine profile belongs to another machine/);
  }
  refuseOtherMachine(measured, { runtime: 'auto', threads: 2 });
});
