import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import type { Machine } from '../../profile/machine-profile.js';

/** Instruction sets from the widest on, with the flags of Linux that show them. */
const instructionSets: readonly (readonly [name: string, ...flags: string[]])[] = [
  ['avx512-vnni', 'avx512f', 'avx512_vnni'],
  ['avx512', 'avx512f'],
  ['avx2-vnni', 'avx2', 'avx_vnni'],
  ['avx2', 'avx2'],
];

/**
 * The widest instructions that a processor has, by what Linux says of it. Other systems do not say it without native code.
 *
 * @param cpuinfo content of /proc/cpuinfo; empty where there is none
 */
export const instructionsOf = (cpuinfo: string, architecture: string): string => {
  if (architecture === 'arm64') return 'neon';
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/));
  return instructionSets.find(([, ...needed]) => needed.every((flag) => flags.has(flag)))?.[0] ?? 'unknown';
};

/**
 * A processor's name with its family and model, where Linux says them. Virtual machines have one name for processors of several
 * generations.
 *
 * @param cpuinfo content of /proc/cpuinfo; empty where there is none
 */
export const processorName = (name: string, cpuinfo: string): string => {
  const [family, model] = ['cpu family', 'model'].map(
    (field) => new RegExp(`^${field}\\s*: (\\d+)$`, 'm').exec(cpuinfo)?.[1],
  );
  return family && model ? `${name}, family ${family}, model ${model}` : name;
};

const cpuinfo = (): string => {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
};

/** The part of a machine that is known before a runtime is opened. */
export type Processor = Pick<Machine, 'processor' | 'instructions' | 'threads'>;

/**
 * The processor that this process runs on.
 *
 * @param threads those that are used. Default: all cores
 */
export const processorAtHand = (threads: number = availableParallelism()): Processor => {
  const linux = cpuinfo();
  return {
    processor: processorName(cpus()[0]?.model.trim() || 'unknown', linux),
    instructions: instructionsOf(linux, process.arch),
    threads,
  };
};
