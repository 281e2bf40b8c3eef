import {
  knownProfile,
  type MachineProfile,
  machineDifferences,
  processorAtHand,
  type RuntimeInfo,
} from '@ntk-lens/engine';
import { OtherMachineError } from './errors.js';
import { measuredProfile } from './profile-file.js';

/**
 * Refuses a profile of another machine, as far as it is known before a runtime is opened.
 *
 * @param runtime as it was asked for
 * @throws OtherMachineError
 */
export const refuseOtherMachine = (
  { machine }: MachineProfile,
  { runtime, threads }: { readonly runtime: string; readonly threads?: number | undefined },
): void => {
  const known = runtime === 'auto' ? {} : { runtime };
  const differences = machineDifferences(machine, { ...machine, ...processorAtHand(threads), ...known });
  if (differences.length > 0) throw new OtherMachineError(differences);
};

/**
 * The profile by which a new plan is made on a runtime that is open: the one that was given, the one that was measured
 * before, or that of the table of known processors.
 *
 * @throws OtherMachineError for a given one of another machine; BadProfileError for a damaged one in the cache
 */
export const machineProfile = async (
  { runtime, version, threads }: RuntimeInfo,
  given: MachineProfile | undefined,
): Promise<MachineProfile> => {
  const machine = { ...processorAtHand(threads), runtime, version };
  if (given === undefined) return (await measuredProfile(machine)) ?? knownProfile(machine);
  const differences = machineDifferences(given.machine, machine);
  if (differences.length > 0) throw new OtherMachineError(differences);
  return given;
};
