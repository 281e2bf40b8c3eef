/** The result of a trial step: the value and the slope along the direction. */
export interface Trial {
  readonly value: number;
  readonly slope: number;
}

interface Bracket {
  /** Best step so far, its value and slope. */
  x: number;
  fx: number;
  dx: number;
  /** Other end of the interval. */
  y: number;
  fy: number;
  dy: number;
  bracketed: boolean;
}

const sufficient = 1e-3;
const curvature = 0.9;
const intervalTolerance = 0.1;
const maximumStep = 1e10;
const maximumTrials = 20;

const cubicRoot = (theta: number, a: number, b: number, clamp: boolean): number => {
  const s = Math.max(Math.abs(theta), Math.abs(a), Math.abs(b));
  const inside = (theta / s) ** 2 - (a / s) * (b / s);
  return s * Math.sqrt(clamp ? Math.max(0, inside) : inside);
};

/** Next trial step and updated interval (Moré & Thuente 1994, `dcstep`). */
const nextStep = (b: Bracket, t: number, f: number, d: number, low: number, high: number): number => {
  const opposite = d * Math.sign(b.dx) < 0;
  const theta = (3 * (b.fx - f)) / (t - b.x) + b.dx + d;
  const root = cubicRoot(theta, b.dx, d, f <= b.fx && !opposite);
  const secant = t + (d / (d - b.dx)) * (b.x - t);
  let next: number;
  if (f > b.fx) {
    const gamma = root * (t < b.x ? -1 : 1);
    const cubic = b.x + ((gamma - b.dx + theta) / (gamma - b.dx + gamma + d)) * (t - b.x);
    const quadratic = b.x + (b.dx / ((b.fx - f) / (t - b.x) + b.dx) / 2) * (t - b.x);
    next = Math.abs(cubic - b.x) < Math.abs(quadratic - b.x) ? cubic : cubic + (quadratic - cubic) / 2;
    b.bracketed = true;
  } else if (opposite) {
    const gamma = root * (t > b.x ? -1 : 1);
    const cubic = t + ((gamma - d + theta) / (gamma - d + gamma + b.dx)) * (b.x - t);
    next = Math.abs(cubic - t) > Math.abs(secant - t) ? cubic : secant;
    b.bracketed = true;
  } else if (Math.abs(d) < Math.abs(b.dx)) {
    const gamma = root * (t > b.x ? -1 : 1);
    const r = (gamma - d + theta) / (gamma + (b.dx - d) + gamma);
    const cubic = r < 0 && gamma !== 0 ? t + r * (b.x - t) : t > b.x ? high : low;
    const cubicNearer = Math.abs(cubic - t) < Math.abs(secant - t);
    if (b.bracketed) {
      next = cubicNearer ? cubic : secant;
      const limit = t + 0.66 * (b.y - t);
      next = t > b.x ? Math.min(limit, next) : Math.max(limit, next);
    } else {
      next = Math.min(high, Math.max(low, Math.abs(cubic - t) > Math.abs(secant - t) ? cubic : secant));
    }
  } else if (b.bracketed) {
    const theta = (3 * (f - b.fy)) / (b.y - t) + b.dy + d;
    const gamma = cubicRoot(theta, b.dy, d, false) * (t > b.y ? -1 : 1);
    next = t + ((gamma - d + theta) / (gamma - d + gamma + b.dy)) * (b.y - t);
  } else next = t > b.x ? high : low;
  if (f > b.fx) Object.assign(b, { y: t, fy: f, dy: d });
  else {
    if (opposite) Object.assign(b, { y: b.x, fy: b.fx, dy: b.dx });
    Object.assign(b, { x: t, fx: f, dx: d });
  }
  return next;
};

/** The step on the value less its required decrease, as the first stage of the search asks. */
const modifiedStep = (b: Bracket, t: number, f: number, d: number, low: number, high: number, g: number) => {
  const shifted: Bracket = {
    ...b,
    fx: b.fx - b.x * g,
    dx: b.dx - g,
    fy: b.fy - b.y * g,
    dy: b.dy - g,
  };
  const next = nextStep(shifted, t, f - t * g, d - g, low, high);
  Object.assign(b, shifted, {
    fx: shifted.fx + shifted.x * g,
    dx: shifted.dx + g,
    fy: shifted.fy + shifted.y * g,
    dy: shifted.dy + g,
  });
  return next;
};

/**
 * Step along a descent direction that meets the strong Wolfe conditions (Moré & Thuente 1994), with the constants of
 * L-BFGS-B. Undefined when 20 trials find none.
 *
 * @param at value and slope after a step of this length
 */
export const lineSearch = <T extends Trial>(
  at: (rate: number) => T,
  value: number,
  slope: number,
  first: number,
): { readonly rate: number; readonly result: T } | undefined => {
  const required = sufficient * slope;
  const b: Bracket = { x: 0, fx: value, dx: slope, y: 0, fy: value, dy: slope, bracketed: false };
  let width = maximumStep;
  let olderWidth = 2 * width;
  let low = 0;
  let high = 5 * first;
  let rate = first;
  let firstStage = true;
  for (let trial = 0; trial < maximumTrials; trial++) {
    const result = at(rate);
    const { value: f, slope: d } = result;
    const allowed = value + rate * required;
    if (firstStage && f <= allowed && d >= 0) firstStage = false;
    const exhausted =
      (b.bracketed && (rate <= low || rate >= high || high - low <= intervalTolerance * high)) ||
      (rate === maximumStep && f <= allowed && d <= required);
    if (exhausted || (f <= allowed && Math.abs(d) <= curvature * -slope)) return { rate, result };
    const stepLow = low;
    const stepHigh = high;
    rate =
      firstStage && f <= b.fx && f > allowed
        ? modifiedStep(b, rate, f, d, stepLow, stepHigh, required)
        : nextStep(b, rate, f, d, stepLow, stepHigh);
    if (b.bracketed) {
      if (Math.abs(b.y - b.x) >= 0.66 * olderWidth) rate = b.x + 0.5 * (b.y - b.x);
      olderWidth = width;
      width = Math.abs(b.y - b.x);
      low = Math.min(b.x, b.y);
      high = Math.max(b.x, b.y);
    } else {
      low = rate + 1.1 * (rate - b.x);
      high = rate + 4 * (rate - b.x);
    }
    rate = Math.min(maximumStep, Math.max(0, rate));
    if (b.bracketed && (rate <= low || rate >= high || high - low <= intervalTolerance * high)) rate = b.x;
  }
  return undefined;
};
