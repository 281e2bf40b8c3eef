import { BadArgumentError, type KernelSplit, type NDArray, ndarray } from '@ntk-lens/core';
import { NotFittedError, SingleOutputError } from '../errors.js';
import { analyseKernel, assertSemidefinite, type KernelChecks } from '../kernel/analysis.js';
import { diagnose, type KernelDiagnostics } from '../kernel/diagnostics.js';
import { checkQuerySplit, checkTrainSplit, type TrainShape } from '../kernel/split.js';
import { doubled, f0Offset, targetVector } from '../kernel/targets.js';
import { makePause } from '../linalg/pause.js';
import { multiplyTransposed } from '../linalg/products.js';
import { checkedSettings, type OptionTable } from './options.js';
import { encode, objectField, readFields, type SolverJson } from './saved.js';
import type {
  DualSolution,
  FitOptions,
  Problem,
  SolverDefinition,
  SolverWarning,
} from './solver-definition.js';

interface Fitted<S> {
  readonly shape: TrainShape;
  /** True when labels were given: one score per label comes out, two in binary mode. */
  readonly scoresLabels: boolean;
  readonly diagnostics?: KernelDiagnostics;
  readonly warnings: readonly SolverWarning[];
  readonly solution: S;
}

const checks: OptionTable<KernelChecks> = {
  symmetric: { default: true, oneOf: [true, false] },
  allowIndefinite: { default: false, oneOf: [true, false] },
};

/** Fits of up to so many rows diagnose their kernel by default. */
const diagnosedRows = 4096;

/** K_*ᵀ a − ρ. */
const throughKernel = (
  { coefficients, rho = 0 }: DualSolution & { readonly rho?: number },
  { data }: KernelSplit['kernel'],
): Float64Array => {
  const rows = coefficients.length;
  const flat = multiplyTransposed(data, rows, data.length / rows, coefficients);
  return rho === 0 ? flat : flat.map((value) => value - rho);
};

/**
 * A kernel method with its options: fitted on the train kernel of a kernel, it predicts from train × query kernels.
 * {@link createSolver} makes one.
 *
 * @example
 * ```ts
 * const solver = await createSolver({ solver: 'lstsq', ridge: 0.01, f0Scale: 1000 }).fit(train);
 * const scores = solver.predict(test); // [query, label]
 * ```
 */
export class KernelSolver<O extends object = object, S extends object = object> {
  private fitted: Fitted<S> | undefined;
  private readonly settings: Required<O>;

  /** @throws BadArgumentError for an option that the solver lacks, or out of range */
  constructor(
    readonly definition: SolverDefinition<string, O, S>,
    readonly options: Readonly<O & KernelChecks>,
  ) {
    const known = [...Object.keys(definition.options), ...Object.keys(checks)];
    for (const [name, value] of Object.entries(options)) {
      if (value === undefined || known.includes(name)) continue;
      throw new BadArgumentError(name, value, `options of ${definition.name}: ${known.join(', ')}`);
    }
    checkedSettings<KernelChecks>(checks, options);
    this.settings = checkedSettings(definition.options, options);
    const refused = definition.refuse?.(options);
    if (refused) throw refused;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Diagnostics of the kernel and targets of the last fit; undefined where that was to leave them out. */
  get diagnostics(): KernelDiagnostics | undefined {
    return this.fitted?.diagnostics;
  }

  get warnings(): readonly SolverWarning[] {
    return this.fitted?.warnings ?? [];
  }

  /** @throws NotFittedError */
  get solution(): S {
    return this.requireFitted().solution;
  }

  /** Fits to a train split, kernel `[N, C, N, C]`; resolves to the solver itself. */
  async fit(train: KernelSplit, options: FitOptions = {}): Promise<this> {
    await KernelSolver.fitAll([this], train, options, async (problem) => [
      await this.definition.solve(problem),
    ]);
    return this;
  }

  /** Fits solvers that differ in options which one solution path covers; the last one's options set up the problem. */
  static async fitAll<O extends object, S extends object>(
    solvers: readonly KernelSolver<O, S>[],
    train: KernelSplit,
    options: FitOptions,
    solve: (problem: Problem<O>) => Promise<readonly S[]>,
  ): Promise<void> {
    const { definition, settings, options: given } = solvers.at(-1)!;
    const { name, fits, kernels, singleOutput } = definition;
    const shape = checkTrainSplit(train);
    const labels = targetVector(train, shape, options.targets);
    if (fits === 'labels' && options.targets) {
      throw new BadArgumentError(
        'targets',
        `own targets for solver "${name}"`,
        'labels, or a solver that fits scores, such as lstsq',
      );
    }
    if (singleOutput && shape.logits !== 1) throw new SingleOutputError(name, shape.logits);
    const offset = f0Offset(train, settings);
    const targets = labels.map((y, i) => y - offset[i]!);
    const { symmetric = kernels === 'flipped' ? false : undefined, allowIndefinite } = given;
    const analysis = analyseKernel(train, { symmetric });
    const { diagnostics: wanted = analysis.size <= diagnosedRows } = options;
    if (wanted) await analysis.spectrum(options);
    if (!allowIndefinite) await assertSemidefinite(analysis, options);
    const { ridge = 0 }: { readonly ridge?: number } = settings;
    const warnings: SolverWarning[] = [];
    const solutions = await solve({
      split: train,
      shape,
      analysis,
      settings,
      offset,
      targets,
      shift: ridge === 0 ? 0 : ridge * (await analysis.operatorNorm(options)),
      options,
      pause: makePause(options, name),
      warn: (warning) => warnings.push(warning),
    });
    const diagnostics = wanted ? diagnose(analysis, await analysis.spectrum(options), targets) : undefined;
    const scoresLabels = options.targets === undefined;
    for (const [k, solution] of solutions.entries()) {
      solvers[k]!.fitted = { shape, scoresLabels, diagnostics, warnings, solution };
    }
  }

  /** Scores float64 `[query, labels]`, the largest per row is the prediction; binary mode gives (−p, p). */
  predict(split: KernelSplit): NDArray<'float64'> {
    const { scoresLabels, solution } = this.requireFitted();
    const shape = this.checkQueries(split);
    const flat =
      this.definition.decide?.(solution, split, shape, this.settings) ??
      throughKernel(solution as S & DualSolution, split.kernel);
    for (const [i, f0] of f0Offset(split, this.settings).entries()) flat[i]! += f0;
    return scoresLabels ? doubled(flat, shape.logits) : ndarray<'float64'>(flat, split.logits.shape);
  }

  /** Checks a split to predict on; returns the sizes of the training set. */
  checkQueries(split: KernelSplit): TrainShape {
    const { shape } = this.requireFitted();
    checkQuerySplit(split, shape);
    return shape;
  }

  /** The fitted solver as plain JSON, which {@link solverFromJSON} reads. */
  toJSON(): SolverJson {
    const { name, options } = this;
    const head = { format: 'ntk-lens-solver', version: 1, solver: name, options };
    return encode({ ...head, ...this.requireFitted() }) as SolverJson;
  }

  /** Takes over the fitted state among the fields of saved JSON. */
  restore(fields: Readonly<Record<string, unknown>>): this {
    const shape = readFields(objectField(fields, 'shape'), { examples: 'number', logits: 'number' });
    const train = shape as unknown as TrainShape;
    const saved = objectField(fields, 'solution');
    this.fitted = {
      shape: train,
      scoresLabels: fields['scoresLabels'] === true,
      diagnostics:
        fields['diagnostics'] === undefined
          ? undefined
          : (objectField(fields, 'diagnostics') as unknown as KernelDiagnostics),
      warnings: Array.isArray(fields['warnings']) ? (fields['warnings'] as SolverWarning[]) : [],
      solution: readFields(saved, this.definition.solution(train, saved as Partial<S>)) as S,
    };
    return this;
  }

  private requireFitted(): Fitted<S> {
    if (!this.fitted) throw new NotFittedError(this.name);
    return this.fitted;
  }
}
