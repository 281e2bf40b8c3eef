import type { RunConfig } from '../options/run-config.js';
import { checkExperiment } from '../run/prepare-experiment.js';
import type { Call, Outcome } from './command.js';
import { onTasks } from './on-tasks.js';

/** The plan of a run on one task or several, with its cost. */
export const explainOnTasks = async (
  call: Call<{ readonly yes?: boolean; readonly skipMissing?: boolean }>,
  config: RunConfig,
): Promise<Outcome> => {
  if (config.matrixFree) {
    const { explainMatrixFreeWork } = await import('../run/explain-matrix-free.js');
    const { operatorPlanTable } = await import('../present/operator-plan-table.js');
    return onTasks(call, config, call.long, checkExperiment, explainMatrixFreeWork, async (explained) => ({
      result: explained,
      shown: explained.cells.map((cell) => operatorPlanTable(explained, cell)),
    }));
  }
  const { explainWork } = await import('../run/explain-experiment.js');
  const { planTable } = await import('../present/plan-table.js');
  return onTasks(call, config, call.long, checkExperiment, explainWork, async (explained) => ({
    result: explained,
    shown: explained.cells.map((cell) => planTable(explained, cell)),
  }));
};
