export { type DistanceRows, distancesOf, rowOfDistance } from './distance-rows.js';
export { type EmbeddingSite, embeddingSite, wordSites } from './embedding.js';
export { type LinearSite, linearSite, linearSites, linearSizes } from './linear.js';
export { type NormSite, normSite, rmsNormSite } from './norm.js';
export {
  type ParameterPart,
  type ParameterRange,
  type ParameterRef,
  partKey,
  rangeOf,
  rowsOf,
  startsOf,
  usedShape,
  usedSize,
} from './parameter-ref.js';
export type { Site } from './site.js';
export { localName, type SiteParameter } from './site-kind.js';
export { fanIn, type LocalParameter, outSize, siteParameters } from './site-kinds.js';
