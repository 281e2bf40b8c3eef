import { LabelOrderError } from './errors.js';
import type { Manifest } from './manifest.js';

/** Tasks whose labels were once in another order, with that order and the one of today. */
const changed: Readonly<
  Record<string, { readonly before: readonly string[]; readonly now: readonly string[] }>
> = {
  QNLI: { before: ['not_entailment', 'entailment'], now: ['entailment', 'not_entailment'] },
  RTE: { before: ['not_entailment', 'entailment'], now: ['entailment', 'not_entailment'] },
};

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const changedTask = ({ task }: Manifest['kernel']) =>
  typeof task === 'string' && Object.hasOwn(changed, task) ? { task, ...changed[task]! } : undefined;

const errorOf = (directory: string, manifest: Manifest, task: string): LabelOrderError => {
  const { before, now } = changed[task]!;
  return new LabelOrderError(directory, task, before, now, manifest.kernel['source'] === 'LM-Kernel-FT');
};

/**
 * Refuses stored kernels of a task whose labels were in another order when they were made: their logit columns, label
 * indices and axes do not mean what they mean today. Labels that a run took from `--mapping` are in the user's own order.
 *
 * @throws LabelOrderError
 */
export const refuseOldLabelOrder = (directory: string, manifest: Manifest): void => {
  const { labels, labelsFrom } = manifest.kernel;
  const known = changedTask(manifest.kernel);
  if (known && labelsFrom === undefined && equal(labels, known.before))
    throw errorOf(directory, manifest, known.task);
};

/**
 * The same for a run that is to go on in the directory; fine-tuning and runs of several kernels did not record their
 * labels in version 1, and had them in the old order.
 *
 * @throws LabelOrderError
 */
export const refuseToGoOnInOldLabelOrder = (directory: string, manifest: Manifest): void => {
  refuseOldLabelOrder(directory, manifest);
  const known = changedTask(manifest.kernel);
  if (known && manifest.version === 1 && manifest.kernel['labels'] === undefined)
    throw errorOf(directory, manifest, known.task);
};
