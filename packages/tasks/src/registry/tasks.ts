import type { TaskSpec } from '../spec/task-spec.js';
import { embeddedTasks } from './embedded-tasks.js';
import { pairTasks } from './pair-tasks.js';
import { singleSentenceTasks } from './single-sentence-tasks.js';

/**
 * The tasks of the protocol (docs/theory.md, *Protocol*) with LM-BFF's templates, label words and limits, CoLA, STS-B, both versions of SST-2 and CR,
 * and the tasks that come with this package.
 */
export const tasks: readonly TaskSpec[] = [...singleSentenceTasks, ...pairTasks, ...embeddedTasks];
