export { definitions } from './definitions.js';
export { type ChiSample, naturalFinding } from './natural-finding.js';
export {
  featureFinding,
  type KernelChanges,
  linearizationFinding,
  type SolveScores,
  solvesFinding,
  stepFinding,
} from './optimizer-findings.js';
export { analogueFinding, earlyAdamFindings } from './sign-findings.js';
