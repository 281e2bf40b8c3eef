import { join } from 'node:path';
import { type Ended, harmless, type Mutation, mutateState } from '@ntk-lens/testing/mutate-state';
import { type StartProgram, stateScenarios } from '@ntk-lens/testing/state-scenarios';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { spawnProgram } from '../../../packages/ntk-lens/src/testing/spawn-program.js';
import type { Part } from './part.js';

/** Damages at `--share 1`. */
const DAMAGES = 1_050;
const HANGS_AFTER_MS = 180_000;

const startOf =
  (program: string): StartProgram =>
  async (argv, stopAfter): Promise<Ended> => {
    let stopped = false;
    const { code, signal, stderr } = await spawnProgram(program, argv, {
      timeout: HANGS_AFTER_MS,
      onStderr: (text, child) => {
        if (stopped || !stopAfter?.test(text)) return;
        stopped = true;
        child.kill('SIGINT');
      },
    });
    const last = stderr.trim().split('\n').at(-1) ?? '';
    const error = last.startsWith('{"type":"error"') ? (JSON.parse(last) as Ended['error']) : undefined;
    return {
      code: code ?? -1,
      error: error ?? (code === 0 ? undefined : { code: String(signal), message: last }),
    };
  };

const outcomes = [
  'same',
  'recorded',
  'refused',
  'silent',
  'untyped',
  'hung',
] as const satisfies Mutation['outcome'][];

/** Files that commands wrote, damaged, and the commands that read them started again. */
export const statePart = (program: string, parent: string, share: number, seed: number): Part => {
  const count = Math.ceil(DAMAGES * share);
  return {
    title: 'Damaged files',
    columns: [
      'files of',
      'damages',
      'the same result',
      'another, recorded',
      'refused, typed',
      'silent',
      'untyped',
      'hung',
    ],
    unit: 'damages',
    least: count,
    jobs: [
      {
        name: 'state',
        run: async (onProgress) => {
          const model = await tinyModel(join(parent, 'state-model'));
          const scenarios = await stateScenarios(startOf(program), join(parent, 'state'), model);
          const options = { scenarios, count, seed, milliseconds: HANGS_AFTER_MS };
          const mutations = await mutateState({ ...options, onMutation: () => onProgress(1) });
          const counts = outcomes.map(
            (outcome) => mutations.filter((done) => done.outcome === outcome).length,
          );
          return {
            row: [`${scenarios.length} commands`, ...[count, ...counts].map(String)],
            faults: mutations
              .filter(({ outcome }) => !harmless.has(outcome))
              .map(
                ({ scenario, file, how, outcome, detail }) =>
                  `${scenario}, ${file} ${how}: ${outcome}, ${detail}`,
              ),
            counted: mutations.length,
          };
        },
      },
    ],
  };
};
