/** The default options, without the engine, for programs that show them. */
export {
  type CheckChoice,
  type CheckedOptimizer,
  checkedOptimizers,
  defaultCheck,
  defaultTrajectory,
} from './check/check-choice.js';
export { embeddedName } from './embedded-name.js';
export { defaultTraining, type Training } from './fine-tune/training.js';
