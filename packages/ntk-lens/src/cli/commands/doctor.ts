import { machine, task } from '../../options/all.js';
import { group, only, option } from '../../options/declare.js';
import { integer, text, toggle } from '../../options/kinds.js';
import { command } from '../command.js';

const selfCheck = group('command', 'Self-check', {
  against: option(
    '--against <name>',
    text,
    'compares with this second runtime; none compares with no other',
    {
      unset: 'another runtime that works here',
    },
  ),
  measure: option(
    '--measure',
    toggle,
    'measures the rates by which kernels are planned, and keeps them for later runs on this machine',
  ),
  seed: option('--seed <n>', integer(0), 'draws random tokens and directions by this seed', { unset: '0' }),
});

export const doctorCommand = command({
  name: 'doctor',
  summary:
    'lists the runtimes that work here with their speed, measures this machine, or checks that a model is computed correctly',
  description:
    'Tries every runtime and shows whether it works, how to get it, and how fast it multiplies. With --measure, it measures the rates of this machine, by which kernels are planned. With --model, it checks a model against itself, padded and in a batch, against finite differences, and on two runtimes; minilm-mlm is the embedded model. The exit code is 1 when a check fails.',
  options: [
    only(task, 'model', 'revision'),
    selfCheck,
    only(machine, 'runtime', 'threads', 'memory', 'profile'),
  ],
  run: async ({ run, flags: { against, seed, measure }, around, long }) => {
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { readProject } = await import('../../options/layers.js');
    const { profileTable, runtimesTable, selfCheckTable } = await import('../../present/doctor-tables.js');
    const { runtime, threads, memory, profile } = await resolveConfig(run, undefined, around);
    const { model, revision } = run;
    if (measure) {
      if (run.model !== undefined) {
        const { ConflictingOptionsError } = await import('@ntk-lens/core');
        throw new ConflictingOptionsError(
          '--measure measures the machine, and --model checks a model.',
          'Give one of the two.',
        );
      }
      const { measureMachine } = await import('../../run/measure-machine.js');
      const measured = await measureMachine({ runtime, threads, file: profile, ...long });
      return { result: measured, shown: [profileTable(measured)] };
    }
    if (model === undefined) {
      const { diagnoseRuntimes } = await import('@ntk-lens/engine');
      const diagnosis = await diagnoseRuntimes({ threads, ...long });
      const project = await readProject(around);
      const result = { ...diagnosis, project: project ?? null };
      return { result, shown: [runtimesTable(diagnosis, project)] };
    }
    const { checkModel } = await import('../../run/check-model.js');
    const { SelfCheckFailedError } = await import('../../run/errors.js');
    const options = { revision, runtime, against, threads, memory, seed, ...long };
    const checked = await checkModel(model, options);
    const failed = checked.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
    return {
      result: checked,
      shown: [selfCheckTable(checked)],
      failure: failed.length > 0 ? new SelfCheckFailedError(checked.model, failed) : undefined,
    };
  },
});
