import type { BatchFactors } from '../factors/stage-factors.js';
import type { Sides } from './pairs.js';

/** Takes the factors of stages, given from the head down, and makes something of them. */
export interface Contractor {
  /** Takes the factors of stage `index` of all batches, and frees them. */
  contract(index: number, factors: Sides<BatchFactors>): Promise<void>;
  /** Called after the first stage. */
  finish?(): void;
}
