import { type KernelSplit, type NDArray, ndarray } from '@ntk-lens/core';
import { analyseKernel, type KernelAnalysis, type KernelChecks } from './analysis.js';
import { diagnose, type KernelDiagnostics } from './diagnostics.js';
import { NotFittedError } from './errors.js';
import { encode, numberField, objectField, savedSolver } from './json.js';
import type { FitOptions, KernelSolver, SolverJson, SolverWarning } from './solver.js';
import { assertFinite, checkQuerySplit, checkTrainSplit, type TrainShape } from './split.js';
import { targetVector } from './targets.js';

/** Options of every solver. */
export interface SolverOptions extends KernelChecks {
  /**
   * With a finite value s the solver fits targets − f₀/s and predicts + f₀/s, where f₀ are the logits of the
   * pre-trained model. Infinity: not used. *When to choose:* s near the size of the logits trusts the model's own
   * answers; Infinity ignores them. Default Infinity.
   */
  readonly f0Scale?: number;
}

/** What a subclass solves. */
export interface Problem {
  readonly split: KernelSplit;
  readonly shape: TrainShape;
  readonly analysis: KernelAnalysis;
  /** Flattened targets, f₀ subtracted. */
  readonly targets: Float64Array;
  readonly options: FitOptions;
  warn(warning: SolverWarning): void;
}

interface Fitted<Solution> {
  readonly shape: TrainShape;
  /** True when labels were given: one score per label comes out, two in binary mode. */
  readonly scoresLabels: boolean;
  readonly diagnostics: KernelDiagnostics;
  readonly warnings: readonly SolverWarning[];
  readonly solution: Solution;
}

/** Validation, f₀, binary mode and JSON, the same for every solver. */
export abstract class BaseSolver<Options extends SolverOptions, Solution extends object>
  implements KernelSolver
{
  abstract readonly name: string;
  protected fitted: Fitted<Solution> | undefined;

  constructor(readonly options: Readonly<Options>) {}

  get diagnostics(): KernelDiagnostics | undefined {
    return this.fitted?.diagnostics;
  }

  get warnings(): readonly SolverWarning[] {
    return this.fitted?.warnings ?? [];
  }

  protected abstract solve(problem: Problem): Promise<Solution> | Solution;
  /** Flattened predictions `[query · C]`, without f₀. */
  protected abstract decide(solution: Solution, split: KernelSplit, shape: TrainShape): Float64Array;
  protected abstract readSolution(fields: Readonly<Record<string, unknown>>, shape: TrainShape): Solution;
  /** Label solvers ignore own targets and always give one score per label. */
  protected checkProblem(_split: KernelSplit, _shape: TrainShape, _options: FitOptions): void {}

  async fit(train: KernelSplit, options: FitOptions = {}): Promise<this> {
    const shape = checkTrainSplit(train);
    const targets = targetVector(train, shape, options.targets);
    this.checkProblem(train, shape, options);
    this.addF0(targets, train, -1);
    const analysis = await analyseKernel(train, this.options, options);
    const warnings: SolverWarning[] = [];
    const solution = await this.solve({
      split: train,
      shape,
      analysis,
      targets,
      options,
      warn: (warning) => warnings.push(warning),
    });
    const { matrix, asymmetry, symmetric, eigenvalues, singularValues } = analysis;
    this.fitted = {
      shape,
      scoresLabels: options.targets === undefined,
      diagnostics: diagnose(matrix, asymmetry, symmetric, eigenvalues, singularValues, targets),
      warnings,
      solution,
    };
    return this;
  }

  predict(split: KernelSplit): NDArray<'float64'> {
    const { shape, solution, scoresLabels } = this.requireFitted();
    const queries = checkQuerySplit(split, shape);
    const flat = this.decide(solution, split, shape);
    this.addF0(flat, split, 1);
    if (shape.logits > 1 || !scoresLabels) return ndarray<'float64'>(flat, [queries, shape.logits]);
    const doubled = new Float64Array(queries * 2);
    for (const [i, p] of flat.entries()) {
      doubled[2 * i] = -p;
      doubled[2 * i + 1] = p;
    }
    return ndarray<'float64'>(doubled, [queries, 2]);
  }

  toJSON(): SolverJson {
    const fitted = this.requireFitted();
    return encode({
      format: 'ntk-lens-solver',
      version: 1,
      solver: this.name,
      options: this.options,
      ...fitted,
    }) as SolverJson;
  }

  /** Takes over the fitted state of saved JSON whose options this solver was made with. */
  protected restore(json: unknown): this {
    const fields = savedSolver(json, this.name);
    const saved = objectField(fields, 'shape');
    const shape = { examples: numberField(saved, 'examples'), logits: numberField(saved, 'logits') };
    this.fitted = {
      shape,
      scoresLabels: fields['scoresLabels'] === true,
      diagnostics: objectField(fields, 'diagnostics') as unknown as KernelDiagnostics,
      warnings: Array.isArray(fields['warnings']) ? (fields['warnings'] as SolverWarning[]) : [],
      solution: this.readSolution(objectField(fields, 'solution'), shape),
    };
    return this;
  }

  protected requireFitted(): Fitted<Solution> {
    if (!this.fitted) throw new NotFittedError(this.name);
    return this.fitted;
  }

  private addF0(flat: Float64Array, split: KernelSplit, sign: 1 | -1): void {
    const scale = this.options.f0Scale ?? Number.POSITIVE_INFINITY;
    if (!Number.isFinite(scale)) return;
    assertFinite('logits', split.logits);
    for (let i = 0; i < flat.length; i++) flat[i]! += (sign * split.logits.data[i]!) / scale;
  }
}
