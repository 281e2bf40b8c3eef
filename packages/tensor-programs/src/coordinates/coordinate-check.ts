import { fitPowerLaw, type PowerLaw } from '../statistics/power-law.js';
import type { Finding, Verdict } from '../verdict.js';
import {
  type CoordinateSizes,
  type MeasureCoordinatesOptions,
  measureCoordinates,
} from './measure-coordinates.js';

/** One coordinate over widths. */
export interface CheckedCoordinate {
  readonly name: string;
  readonly measured: readonly CoordinateSizes[];
  /** Law of the size of x₀; absent where it cannot be fitted. */
  readonly start?: PowerLaw;
  /** Law of the size of x_t − x₀ after the last step. */
  readonly update?: PowerLaw;
}

export interface CoordinateCheck {
  readonly coordinates: readonly CheckedCoordinate[];
  /** Two per coordinate, of its start and of its update, after one for all of them. */
  readonly findings: readonly Finding[];
}

/** Slopes within ± this are taken for Θ(1): finite widths leave slopes of about 0.1. */
export const SLOPE_TOLERANCE = 0.2;

const DEFINITION =
  'mean |x| over examples, tokens and entries is Θ(1) in width (coordinate check; Yang et al. 2022, App. D.1)';
const THRESHOLD = `slope of log mean |x| against log width within ±${SLOPE_TOLERANCE}`;

interface Exceptions {
  /** The reason for which a size may shrink. */
  readonly shrinking?: string;
  /** The reason for which it may be exactly zero. */
  readonly zero?: string;
}

const isScores = (name: string): boolean => name.endsWith(' scores');

/** The legitimate exceptions, at the start and of updates. */
const exceptionsOf = (name: string, part: 'start' | 'update'): Exceptions => {
  if (part === 'update') {
    return isScores(name)
      ? {
          shrinking:
            'legitimate: with 1/d, scores are an average over the head, near 0 until queries and keys come to be correlated',
        }
      : {};
  }
  const shrinking = 'legitimate at the start: an average of independent entries, as n^(−1/2) with μP';
  if (name === 'logits') return { shrinking, zero: 'legitimate: the decoder starts at 0' };
  if (isScores(name)) return { shrinking, zero: 'legitimate: queries start at 0' };
  return name.endsWith(' query') ? { zero: 'legitimate: queries start at 0' } : {};
};

const lawOf = (
  measured: readonly CoordinateSizes[],
  of: (sizes: CoordinateSizes) => number,
): PowerLaw | string => {
  const widths = [...new Set(measured.map(({ width }) => width))].sort((a, b) => a - b);
  if (widths.length < 3)
    return `${widths.length} width${widths.length === 1 ? '' : 's'}: a slope needs three`;
  const samples = widths.map((width) => ({
    width,
    values: measured.filter((sizes) => sizes.width === width).map(of),
  }));
  const values = samples.flatMap((sample) => sample.values);
  if (values.every((value) => value === 0)) return 'zero';
  if (!values.every((value) => value > 0 && value < Infinity)) return 'some sizes are zero or not finite';
  return fitPowerLaw(samples);
};

const verdictOf = ([low, high]: readonly [number, number]): Verdict | 'grows' | 'shrinks' => {
  if (low > SLOPE_TOLERANCE) return 'grows';
  if (high < -SLOPE_TOLERANCE) return 'shrinks';
  return low >= -SLOPE_TOLERANCE && high <= SLOPE_TOLERANCE ? 'holds' : 'cannot tell';
};

const findingOf = (name: string, part: 'start' | 'update', law: PowerLaw | string, step: number): Finding => {
  const subject = part === 'start' ? `${name}, t = 0` : `${name}, change after ${step} steps`;
  const measure =
    part === 'start' ? 'exponent of mean |x₀| in width' : 'exponent of mean |x_t − x₀| in width';
  const base = { condition: 'coordinate', subject, measure, threshold: THRESHOLD, definition: DEFINITION };
  const { shrinking, zero } = exceptionsOf(name, part);
  if (typeof law === 'string') {
    if (law !== 'zero') return { ...base, verdict: 'cannot tell', note: law };
    if (zero !== undefined) return { ...base, verdict: 'holds', note: `exactly 0 at every width; ${zero}` };
    return { ...base, verdict: 'fails', note: 'exactly 0 at every width: it does not move' };
  }
  const { slope: statistic, interval } = law;
  const told = verdictOf(interval);
  const numbers = { ...base, statistic, interval };
  if (told === 'grows') return { ...numbers, verdict: 'fails', note: 'grows with width' };
  const small = told === 'shrinks' || (told === 'cannot tell' && interval[1] <= SLOPE_TOLERANCE);
  if (small && shrinking !== undefined)
    return { ...numbers, verdict: 'holds', note: `shrinks; ${shrinking}` };
  if (told !== 'shrinks') return { ...numbers, verdict: told };
  const hint =
    name === 'logits' && part === 'update'
      ? '; a decoder that starts at 0 shows more, its random part hides it'
      : '';
  return {
    ...numbers,
    verdict: 'fails',
    note: `vanishes with width, so nothing is learned there in the limit${hint}`,
  };
};

const worst = (findings: readonly Finding[]): Finding => {
  const failing = findings.filter(({ verdict }) => verdict === 'fails');
  const open = findings.filter(({ verdict }) => verdict === 'cannot tell');
  const verdict: Verdict = failing.length > 0 ? 'fails' : open.length > 0 ? 'cannot tell' : 'holds';
  const size = ({ statistic = 0 }: Finding) => Math.abs(statistic);
  const list = [...failing, ...open].sort((a, b) => size(b) - size(a)).slice(0, 3);
  return {
    condition: 'coordinates',
    subject: 'all',
    verdict,
    measure: 'coordinates whose size, at the start or in its change, is not Θ(1) in width',
    statistic: failing.length,
    threshold: '0',
    definition: DEFINITION,
    note:
      list.length > 0
        ? `${failing.length} of ${findings.length} fail, ${open.length} without a verdict: ${list.map(({ subject }) => subject).join('; ')}`
        : undefined,
  };
};

/**
 * Coordinate check of a parametrization: every activation of the network, and what the first steps of training change
 * in it, should be as large at any width. It grows with width in the standard parametrization with Adam, so that a
 * wide network needs another learning rate; in the NTK parametrization changes of hidden layers vanish, and in μP
 * neither happens. Two exceptions are no fault: logits and attention scores that shrink at the start, and what is
 * exactly zero because its weights start at zero.
 *
 * @example
 * ```ts
 * const { findings } = await checkCoordinates({
 *   runtime, scheme: { ...defaultScheme, zero: ['output'] }, widths: [32, 64, 128, 256], seeds: [0, 1, 2],
 * });
 * findings[0]!.verdict; // 'holds'
 * ```
 * @param options fewer than three widths cannot tell, and give no number
 */
export const checkCoordinates = async (options: MeasureCoordinatesOptions): Promise<CoordinateCheck> => {
  const found = await measureCoordinates(options);
  const coordinates: CheckedCoordinate[] = [];
  const findings: Finding[] = [];
  for (const [name, measured] of found) {
    const start = lawOf(measured, ({ sizes }) => sizes[0]!);
    const update = lawOf(measured, ({ updates }) => updates.at(-1)!);
    coordinates.push({
      name,
      measured,
      start: typeof start === 'string' ? undefined : start,
      update: typeof update === 'string' ? undefined : update,
    });
    const last = measured[0]!.updates.length;
    findings.push(findingOf(name, 'start', start, last), findingOf(name, 'update', update, last));
  }
  return { coordinates, findings: [worst(findings), ...findings] };
};
