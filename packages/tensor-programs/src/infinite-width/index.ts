export {
  checkInfiniteWidth,
  type InfiniteWidthOptions,
  type InfiniteWidthReport,
} from './check-infinite-width.js';
export {
  type PerceptronModel,
  type PerceptronOptions,
  perceptronModel,
} from './perceptron-model.js';
export { type PerceptronSizes, perceptronStages } from './perceptron-stages.js';
