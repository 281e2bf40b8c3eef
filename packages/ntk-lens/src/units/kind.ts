import { processorAtHand } from '@ntk-lens/engine';
import type { RuntimeRecord } from '@ntk-lens/lens';
import { programAndVersion } from '../version.js';
import { WorkerKindError } from './errors.js';
import type { WorkerKind } from './manifest.js';

/** The kind of this process, as far as it is known before a runtime is opened. */
const processKind = (): Pick<WorkerKind, 'program' | 'instructions'> => ({
  program: programAndVersion,
  instructions: processorAtHand().instructions,
});

/** The kind of this process with a runtime. */
export const kindOf = ({ runtime, version, dtype, threads, reason }: RuntimeRecord): WorkerKind => ({
  ...processKind(),
  ...{ runtime, version, dtype, threads, reason },
});

/** The runtime of a kind, as manifests of kernels record it. */
export const runtimeOf = ({ program: _, instructions: __, ...record }: WorkerKind): RuntimeRecord => record;

/** Names of fields for a person. */
const titles: Readonly<Record<string, string>> = { program: 'program', instructions: 'instruction set' };

/** The fields in which a kind differs, each with what was found and expected; the reason for a runtime is no difference. */
export const kindDifferences = (found: Partial<WorkerKind>, expected: WorkerKind): readonly string[] =>
  Object.entries(found).flatMap(([field, value]) => {
    const other = expected[field as keyof WorkerKind];
    return field === 'reason' || value === other
      ? []
      : [`${titles[field] ?? field}: found ${value}, expected ${other}`];
  });

/**
 * Refuses a process of another kind, as far as that is known.
 *
 * @param runtime once it is open
 * @throws WorkerKindError, which names the differing fields
 */
export const refuseOtherKind = (expected: WorkerKind, mixed: boolean, runtime?: RuntimeRecord): void => {
  const found = runtime ? kindOf(runtime) : processKind();
  // Programs of two versions may cut the work in different ways.
  const { program } = found;
  if (program !== expected.program) throw new WorkerKindError(kindDifferences({ program }, expected), false);
  const differences = kindDifferences(found, expected);
  if (differences.length > 0 && !mixed) throw new WorkerKindError(differences, true);
};
