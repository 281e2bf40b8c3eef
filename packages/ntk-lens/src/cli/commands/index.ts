import type { Command } from '../command.js';
import { checkCommand } from './check.js';
import { completionCommand } from './completion.js';
import { convertCommand } from './convert.js';
import { coordinatesCommand } from './coordinates.js';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { enqueueCommand } from './enqueue.js';
import { finetuneCommand } from './finetune.js';
import { kernelCommand } from './kernel.js';
import { kubernetesCommand } from './kubernetes.js';
import { modelsCommand } from './models.js';
import { pretrainCommand } from './pretrain.js';
import { promptCommand } from './prompt.js';
import { reportCommand } from './report.js';
import { reproduceCommand } from './reproduce.js';
import { runCommand } from './run.js';
import { solveCommand } from './solve.js';
import { splitCommand } from './split.js';
import { statusCommand } from './status.js';
import { submitCommand } from './submit.js';
import { tasksCommand } from './tasks.js';
import { workerCommand } from './worker.js';
import { zeroShotCommand } from './zero-shot.js';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  demoCommand,
  runCommand,
  kernelCommand,
  solveCommand,
  convertCommand,
  finetuneCommand,
  checkCommand,
  reportCommand,
  reproduceCommand,
  workerCommand,
  submitCommand,
  enqueueCommand,
  kubernetesCommand,
  statusCommand,
  pretrainCommand,
  coordinatesCommand,
  promptCommand,
  splitCommand,
  zeroShotCommand,
  tasksCommand,
  modelsCommand,
  doctorCommand,
  completionCommand,
];
