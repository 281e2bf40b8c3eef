import { type KernelSplit, type NDArray, ndarray } from '@ntk-lens/core';
import type { Problem, SolverOptions } from './base-solver.js';
import { SolverJsonError } from './errors.js';
import { exampleKernel } from './example-kernel.js';
import { objectField, savedSolver, vectorField } from './json.js';
import { LabelSolver } from './label-solver.js';
import { makePause, type Pause } from './linalg/pause.js';
import { multiplyTransposed } from './linalg/products.js';
import { checkNumber } from './options.js';
import { solveSmo } from './smo.js';
import { checkQuerySplit, type TrainShape } from './split.js';

export interface SvcOptions extends SolverOptions {
  /** As in {@link LstsqOptions.ridge}; added to the train block before training. Default 0. */
  readonly ridge?: number;
  /** Bound C of the dual coefficients: smaller is smoother. Default 1. */
  readonly penaltyC?: number;
  /** Stopping tolerance on the largest violation of optimality. Default 1e-3. */
  readonly tolerance?: number;
}

/** One machine per pair of classes, in the order (0,1), (0,2), …, (1,2), …; its decision is positive for the first. */
interface SvcSolution {
  readonly classes: Float64Array;
  readonly machines: readonly { readonly coefficients: Float64Array; readonly rho: number }[];
}

/**
 * Support-vector classification, one machine per pair of classes, with libsvm's defaults. Several logits are
 * summed to one kernel per pair of examples. A prediction is the class with most votes, the lower label on a tie.
 *
 * @example
 * ```ts
 * const solver = await new SvcSolver().fit(train);
 * const votes = solver.predict(test);
 * const decisions = solver.decisionFunction(test);
 * ```
 */
export class SvcSolver extends LabelSolver<SvcOptions, SvcSolution> {
  readonly name = 'svc';

  constructor(options: SvcOptions = {}) {
    super({ ...options });
    checkNumber('ridge', options.ridge ?? 0, 0);
    checkNumber('penaltyC', options.penaltyC ?? 1, 0, { strict: true });
    checkNumber('tolerance', options.tolerance ?? 1e-3, 0, { strict: true });
    this.refuseF0();
  }

  protected async solve({ split, shape, analysis, options }: Problem): Promise<SvcSolution> {
    const { examples, logits } = shape;
    const kernel = Float64Array.from(exampleKernel(split));
    const shift = (this.options.ridge ?? 0) * analysis.operatorNorm * logits;
    for (let i = 0; i < examples; i++) kernel[i * (examples + 1)]! += shift;
    const labels = split.labels.data;
    const classes = Array.from(new Set(labels)).sort((a, b) => a - b);
    const pause = makePause(options, 'svc');
    const machines: { coefficients: Float64Array; rho: number }[] = [];
    for (const [at, first] of classes.entries()) {
      for (const second of classes.slice(at + 1)) {
        machines.push(await this.trainPair(kernel, labels, first, second, pause));
      }
    }
    return { classes: Float64Array.from(classes), machines };
  }

  private async trainPair(
    kernel: Float64Array,
    labels: Int32Array,
    first: number,
    second: number,
    pause: Pause,
  ): Promise<{ coefficients: Float64Array; rho: number }> {
    const examples = labels.length;
    const all = Array.from(labels.keys());
    const members = [...all.filter((i) => labels[i] === first), ...all.filter((i) => labels[i] === second)];
    const size = members.length;
    const y = Int8Array.from(members, (i) => (labels[i] === first ? 1 : -1));
    const { alpha, rho } = await solveSmo(
      {
        size,
        y,
        p: new Float64Array(size).fill(-1),
        penaltyC: this.options.penaltyC ?? 1,
        tolerance: this.options.tolerance ?? 1e-3,
        diagonal: Float64Array.from(members, (i) => kernel[i * (examples + 1)]!),
        fillRow: (i, out) => {
          const row = members[i]! * examples;
          for (let j = 0; j < size; j++) out[j] = Math.fround(y[i]! * y[j]! * kernel[row + members[j]!]!);
        },
      },
      pause,
    );
    const coefficients = new Float64Array(examples);
    for (const [k, i] of members.entries()) coefficients[i] = y[k]! * alpha[k]!;
    return { coefficients, rho };
  }

  private pairDecisions({ machines }: SvcSolution, split: KernelSplit, examples: number): Float64Array[] {
    const kernel = exampleKernel(split);
    return machines.map(({ coefficients, rho }) =>
      multiplyTransposed(kernel, examples, kernel.length / examples, coefficients).map(
        (value) => value - rho,
      ),
    );
  }

  /** Votes per query and label, with each query's summed confidences. */
  private count(solution: SvcSolution, split: KernelSplit, shape: TrainShape, labels: number) {
    const decisions = this.pairDecisions(solution, split, shape.examples);
    const queries = split.kernel.shape[2]!;
    const votes = new Float64Array(queries * labels);
    const confidences = new Float64Array(queries * labels);
    let machine = 0;
    for (const [at, first] of solution.classes.entries()) {
      for (const second of solution.classes.slice(at + 1)) {
        for (const [q, value] of decisions[machine]!.entries()) {
          votes[q * labels + (value > 0 ? first : second)]! += 1;
          confidences[q * labels + first]! += value;
          confidences[q * labels + second]! -= value;
        }
        machine++;
      }
    }
    return { decisions, votes, confidences };
  }

  protected decide(solution: SvcSolution, split: KernelSplit, shape: TrainShape): Float64Array {
    if (shape.logits === 1) {
      return this.pairDecisions(solution, split, shape.examples)[0]!.map((value) => (value > 0 ? -1 : 1));
    }
    return this.count(solution, split, shape, shape.logits).votes;
  }

  /**
   * Decision values as scikit-learn's `decision_function`: `[query, 1]`, positive for the higher label, when two
   * classes were trained; else `[query, labels]`, votes plus confidences squeezed to below ⅓.
   */
  decisionFunction(split: KernelSplit): NDArray<'float64'> {
    const { shape, solution } = this.requireFitted();
    const queries = checkQuerySplit(split, shape);
    const labels = Math.max(2, shape.logits);
    const { decisions, votes, confidences } = this.count(solution, split, shape, labels);
    if (solution.classes.length === 2) {
      return ndarray<'float64'>(
        decisions[0]!.map((value) => -value),
        [queries, 1],
      );
    }
    const values = votes.map((vote, i) => vote + confidences[i]! / (3 * (Math.abs(confidences[i]!) + 1)));
    return ndarray<'float64'>(values, [queries, labels]);
  }

  protected readSolution(fields: Readonly<Record<string, unknown>>, shape: TrainShape): SvcSolution {
    const saved = fields['machines'];
    if (!Array.isArray(saved)) throw new SolverJsonError('no machines', 'a list of machines');
    return {
      classes: vectorField(fields, 'classes'),
      machines: saved.map((machine: unknown) => {
        const entry = objectField({ machine }, 'machine');
        return {
          coefficients: vectorField(entry, 'coefficients', shape.examples),
          rho: Number(entry['rho']),
        };
      }),
    };
  }

  static fromJSON(json: unknown): SvcSolver {
    return new SvcSolver(objectField(savedSolver(json, 'svc'), 'options')).restore(json);
  }
}
