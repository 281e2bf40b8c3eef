import { homedir } from 'node:os';
import { join } from 'node:path';
import { readSealedJson, sha256, writeSealedJson } from '@ntk-lens/core';
import { type Machine, type MachineProfile, machineDifferences } from '@ntk-lens/engine';
import { BadProfileError } from './errors.js';
import { profileSchema } from './profile-schema.js';

const format = 'ntk-lens-machine';
const version = 1;

/** The file in the user's cache that holds the profile of a machine. */
export const cachedProfile = (machine: Machine): string => {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const { processor, instructions, runtime, threads } = machine;
  const name = sha256().update(JSON.stringify([processor, instructions, runtime, machine.version, threads]));
  return join(cache, 'ntk-lens', 'machines', `${name.hex().slice(0, 16)}.json`);
};

const profileIn = async (file: string): Promise<MachineProfile | undefined> => {
  const stored = await readSealedJson(file);
  if (stored === undefined) return undefined;
  const { fields, whole } = stored;
  if (fields?.['format'] !== format) throw new BadProfileError(file, 'something else');
  if (typeof fields['version'] === 'number' && fields['version'] > version)
    throw new BadProfileError(file, `version ${fields['version']} of it, of a newer program`);
  const { success, data } = profileSchema.safeParse(fields);
  if (!whole || !success) throw new BadProfileError(file, 'a damaged one');
  return data;
};

/**
 * Reads a machine profile that `writeMachineProfile` wrote.
 *
 * @example
 * ```ts
 * const lens = await openLens({ profile: await readMachineProfile('machine.json') });
 * ```
 * @throws BadProfileError for a file that is absent, damaged or something else; FileSystemError
 */
export const readMachineProfile = async (file: string): Promise<MachineProfile> => {
  const profile = await profileIn(file);
  if (!profile) throw new BadProfileError(file, 'no file');
  return profile;
};

/**
 * Writes a machine profile with its own SHA-256.
 *
 * @param file Default: the user's cache, where sessions on the same machine find it
 * @returns the file
 * @throws FileSystemError
 */
export const writeMachineProfile = async (
  { source, machine, rates }: MachineProfile,
  file: string = cachedProfile(machine),
): Promise<string> => {
  await writeSealedJson(file, { format, version, source, machine, rates });
  return file;
};

/**
 * The profile of a machine in the user's cache, if it was measured.
 *
 * @throws BadProfileError, FileSystemError
 */
export const measuredProfile = async (machine: Machine): Promise<MachineProfile | undefined> => {
  const file = cachedProfile(machine);
  const found = await profileIn(file);
  if (found && machineDifferences(found.machine, machine).length > 0)
    throw new BadProfileError(file, 'that of another machine');
  return found;
};
