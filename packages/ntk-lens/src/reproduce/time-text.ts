import { durationText } from '@ntk-lens/report';
import type { Reproduction } from './reproduce.js';

/** The time of a reproduction, and the share of it in which something was computed, in a sentence. */
export const timeText = ({ cells, seconds, computing }: Reproduction): string => {
  const all = durationText(seconds);
  if (cells.computed === 0) return `nothing was left to compute; the call took ${all}`;
  const share = ((100 * computing) / seconds).toFixed(1);
  return `${share} % of ${all} went into kernels, solvers, trainings and measurements, and the rest into opening the model, reading and writing`;
};
