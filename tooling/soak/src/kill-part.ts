import { join } from 'node:path';
import { Mt19937 } from '@ntk-lens/core';
import { downloadScenario } from '../../../packages/ntk-lens/src/testing/kills/download-scenario.js';
import {
  type KillScenario,
  killAndResume,
} from '../../../packages/ntk-lens/src/testing/kills/kill-and-resume.js';
import { killScenarios } from '../../../packages/ntk-lens/src/testing/kills/scenarios.js';
import type { Part } from './part.js';

/** Kills of each scenario at `--share 1`. */
const KILLS = 65;

/**
 * Commands that are killed and started again until they end, and what they left then.
 *
 * @param program a bundled program
 */
export const killPart = async (
  program: string,
  parent: string,
  share: number,
  seed: number,
): Promise<Part & { readonly close: () => Promise<void> }> => {
  const others = await killScenarios(program, parent);
  const download = await downloadScenario(program, join(parent, 'model'));
  const scenarios: readonly KillScenario[] = [...others, download];
  const kills = Math.ceil(KILLS * share);
  return {
    title: 'Kills',
    columns: ['command', 'kills', 'compared', 'other than uninterrupted'],
    unit: 'kills',
    least: kills * scenarios.length,
    jobs: scenarios.map((scenario, i) => ({
      name: scenario.name,
      run: async (onProgress) => {
        const random = new Mt19937([seed, i]);
        const onKill = () => onProgress(1);
        const folder = join(parent, `kill-${i}`);
        const result = await killAndResume(scenario, folder, { kills, random, onKill });
        return {
          row: [scenario.name, ...[result.kills, result.compared, result.faults.length].map(String)],
          faults: result.faults,
          counted: result.kills,
        };
      },
    })),
    close: download.close,
  };
};
