import { join } from 'node:path';
import { harmless, mutateState } from '@ntk-lens/testing/mutate-state';
import { stateScenarios } from '@ntk-lens/testing/state-scenarios';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { expect, it } from 'vitest';
import { startInProcess } from '../testing/start-in-process.js';

const environment = (name: string) => process.env[`NTK_LENS_${name}`];
const count = Number(environment('MUTATIONS') ?? 6);
const seed = Number(environment('SEED') ?? 1);
/** Those that take a moment; the soak has all. */
const wanted = environment('SCENARIOS') ?? 'finetune, checkpoints';

it(`${count} damaged files, seed ${seed}: the same bytes as before, or a typed error`, async () => {
  const parent = await temporaryDirectory();
  const model = await tinyModel(join(parent, 'model'));
  const scenarios = await stateScenarios(startInProcess, join(parent, 'left'), model, (name) =>
    new RegExp(wanted).test(name),
  );
  const mutations = await mutateState({ scenarios, count, seed });
  expect(mutations.filter(({ outcome }) => !harmless.has(outcome))).toEqual([]);
}, 1_200_000);
