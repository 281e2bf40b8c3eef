export {
  fitPowerLaw,
  type PowerLaw,
  type PowerLawOptions,
  type WidthSample,
} from './statistics/power-law.js';
export type { Finding, Verdict } from './verdict.js';
