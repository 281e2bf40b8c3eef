import { join } from 'node:path';
import { Mt19937 } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeAll, expect, it } from 'vitest';
import { bundleProgram } from '../testing/bundle-program.js';
import { type KillScenario, killAndResume } from '../testing/kills/kill-and-resume.js';
import { killScenarios } from '../testing/kills/scenarios.js';

const KILLS = 2;
let parent: string;
let scenarios: readonly KillScenario[];

beforeAll(async () => {
  parent = await temporaryDirectory();
  scenarios = await killScenarios(await bundleProgram(join(parent, 'program')), parent);
});

// `pnpm test:soak` kills these and all other commands hundreds of times.
it.each(sampled(['kernel', 'finetune', 'reproduce', 'pretrain'], 1))(
  `%s, killed ${KILLS} times and started again, ends with the same bytes`,
  async (name) => {
    const scenario = scenarios.find((other) => other.name === name)!;
    const outcome = await killAndResume(scenario, join(parent, name), {
      kills: KILLS,
      random: new Mt19937(1),
    });
    expect(outcome).toMatchObject({ faults: [] });
    expect(outcome.kills).toBeGreaterThanOrEqual(KILLS);
    expect(outcome.compared).toBeGreaterThan(0);
  },
);
