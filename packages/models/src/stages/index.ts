export { type AttentionInputs, plainContext, type SiteContext, type Tensors } from '../sites/site-context.js';
export {
  defineExtension,
  defineStage,
  type ExtensionOptions,
  type StageChanges,
  type StageFunction,
  type StageOptions,
} from './define-stage.js';
export { type Side, type SideInputs, sideShapes, sideTypes } from './side-inputs.js';
export type { Stage } from './stage.js';
export { type AttentionShape, type StageAccess, stageAccess } from './stage-access.js';
