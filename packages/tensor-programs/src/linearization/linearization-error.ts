import { BadArgumentError, type NDArray, sameShape } from '@ntk-lens/core';

/** Quality of the first-order prediction of a change of outputs. */
export interface LinearizationError {
  /** ‖Δf − JΔθ‖ / ‖Δf‖ over all examples and outputs; undefined where nothing changed. */
  readonly relative: number | undefined;
  /** 1 − Σ(Δf − JΔθ)² / Σ(Δf − mean Δf)²: variance of the change that is predicted; undefined where there is none. */
  readonly r2: number | undefined;
}

export interface LinearizationRequest {
  /** f(·; θ_s) `[n, C]`. */
  readonly start: NDArray;
  /** f(·; θ_t) `[n, C]`. */
  readonly end: NDArray;
  /** ⟨∇f(·; θ_s), θ_t − θ_s⟩ `[n, C]`, as `directionalDerivatives` of `@ntk-lens/kernels` gives it. */
  readonly derivative: NDArray;
}

/**
 * The first condition of kernel behaviour (docs/theory.md, Kernel behaviour): f(ξ; θ_t) − f(ξ; θ_s) ≈ ⟨∇f(ξ;
 * θ_s), θ_t − θ_s⟩. The change is that of a single optimizer step, or of a whole training.
 *
 * @example
 * ```ts
 * const { relative } = linearizationError({ start: logits, end: tunedLogits, derivative: derivatives[0]! });
 * ```
 * @throws BadArgumentError for shapes that differ
 */
export const linearizationError = ({ start, end, derivative }: LinearizationRequest): LinearizationError => {
  for (const [name, { shape }] of Object.entries({ end, derivative })) {
    if (!sameShape(shape, start.shape))
      throw new BadArgumentError(name, `shape [${shape}]`, `[${start.shape}], as at the start`);
  }
  const changes = Array.from(end.data, (f, i) => f - start.data[i]!);
  const mean = changes.reduce((sum, x) => sum + x, 0) / changes.length;
  let [error, size, spread] = [0, 0, 0];
  for (const [i, change] of changes.entries()) {
    error += (change - derivative.data[i]!) ** 2;
    size += change ** 2;
    spread += (change - mean) ** 2;
  }
  return {
    relative: size > 0 ? Math.sqrt(error / size) : undefined,
    r2: spread > 0 ? 1 - error / spread : undefined,
  };
};
