export {
  type ParameterRef,
  plainContext,
  type SideInputs,
  type Site,
  type SiteContext,
  type Stage,
  siteWeights,
  type Tensors,
} from './stage.js';
