export {
  analyseStages,
  type NodeCounts,
  type NodeNote,
  type NodePlace,
  type StageAnalysis,
  type Violation,
  type WidthFamily,
} from './analyse-stages.js';
export {
  checkExpressible,
  type ExpressibleReport,
  expressibleReport,
  violationText,
} from './check-expressible.js';
export { checkExpressibleIn } from './check-expressible-in.js';
export { type NodeClass, nodeClasses } from './classify-node.js';
