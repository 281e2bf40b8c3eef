import { throwIfCancelled } from '@ntk-lens/core';
import { checkExpressibleIn } from '@ntk-lens/tensor-programs';
import { checkKernel } from '../methods/store-kernel.js';
import { named } from '../named.js';
import { diskOf } from '../session/disk.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import type { Check, CheckOptions, NaturalMeasurement, OptimizerMeasurement } from './check.js';
import { findingsOf, verdictsOf } from './check-findings.js';
import { checkSample } from './check-sample.js';
import { refuseCheck, resolveCheck } from './resolve-check.js';

/** `lens.check`: fine-tunes on each sample, computes and solves kernels, and gives verdicts. */
export const checkTasks = (
  session: Session,
  tasks: readonly LensTask[],
  options: CheckOptions = {},
): Promise<Check> => {
  const work = () => keptCheck(session, tasks, options);
  return options.directory === undefined || options.shared
    ? work()
    : diskOf(session).locked(options.directory, work);
};

const keptCheck = async (
  session: Session,
  tasks: readonly LensTask[],
  options: CheckOptions,
): Promise<Check> => {
  const {
    signal,
    onProgress,
    directory,
    replace,
    kernel,
    solve,
    onKernel,
    onTuned,
    shared: _,
    ...choice
  } = options;
  const check = resolveCheck({ ...choice, space: choice.space ?? session.space });
  await refuseCheck(
    { model: session.model, checkKernel: (task, own) => checkKernel(session, task, own) },
    tasks,
    check,
    kernel,
  );
  const disk = diskOf(session);
  const root = directory ?? (await disk.temporary());
  try {
    const optimizers: OptimizerMeasurement[] = [];
    const natural: NaturalMeasurement[] = [];
    for (const task of tasks) {
      throwIfCancelled(signal, 'The check');
      const name = nameOf(task);
      const request = { session, task, check, options, folder: `${root}/${name}` };
      const measured = await disk.locked(request.folder, () =>
        checkSample(request, named(name, { signal, onProgress })),
      );
      optimizers.push(...measured.optimizers);
      natural.push(measured.natural);
    }
    const expressible = await checkExpressibleIn(session.model, check.space);
    const [metric] = tasks[0]!.spec.metrics;
    const findings = [...findingsOf({ optimizers, natural, metric, check }), expressible.finding];
    const remarks = tasks.flatMap(missingLabels);
    return { findings, verdicts: verdictsOf(findings), optimizers, natural, remarks };
  } finally {
    if (directory === undefined) await disk.remove(root);
  }
};

const nameOf = ({ shots, seed }: LensTask): string => `${shots}-${seed}`;

/** A test set that is a part of a sorted file may lack labels, and its scores say little then. */
const missingLabels = (task: LensTask): string[] => {
  const missing = task.spec.labels.filter((_, i) => !task.labels.test.includes(i));
  if (missing.length === 0) return [];
  const found = `no test example is labelled ${missing.join(' or ')}`;
  return [`${nameOf(task)}: ${found}; \`limitTest\` takes the first of a file`];
};
