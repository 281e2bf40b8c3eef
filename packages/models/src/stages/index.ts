export { type AttentionInputs, plainContext, type SiteContext, type Tensors } from '../sites/site-context.js';
export {
  defineExtension,
  defineStage,
  type ExtensionOptions,
  type StageChanges,
  type StageFunction,
  type StageOptions,
} from './define-stage.js';
export type { Side, SideInputs } from './side-inputs.js';
export type { Stage } from './stage.js';
export type { AttentionShape, StageAccess } from './stage-access.js';
