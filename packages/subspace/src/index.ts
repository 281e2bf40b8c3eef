export {
  NoTargetsError,
  RankTooLargeError,
  SpaceSpecError,
  SubspaceTooLargeError,
  UnknownSpaceError,
} from './errors.js';
export { bitfitSpace } from './spaces/bitfit.js';
export { type FullOptions, fullSpace } from './spaces/full.js';
export { headSpace } from './spaces/head.js';
export { type LoraOptions, type LoraSpace, loraSpace } from './spaces/lora.js';
export type { ApplyOptions, KernelSpace, ParameterSpace, SpaceModel, SpacePoint } from './spaces/space.js';
export { parseSpace, spaceSyntaxes } from './spec/parse-space.js';
export type { SpaceSyntax } from './spec/space-syntax.js';
