/** Grids that a selection searches, as configuration files hold them. */
export interface SolverGrids {
  /** One or more names, separated by commas, or `auto`: chosen on dev like the other hyperparameters. */
  readonly solver: string;
  readonly ridge: readonly number[];
  /** The method of `lstsq`. Default: directly. */
  readonly method?: 'direct' | 'cg' | undefined;
  /** null: f₀ not used. */
  readonly f0Scales: readonly (number | null)[];
  /** γ of `asym`. Default: that of the solver. */
  readonly gamma?: readonly number[] | undefined;
  /** κ of `asym`. Default: that of the solver. */
  readonly kappa?: readonly number[] | undefined;
  /** Losses of `gradient-flow`. Default: squared. */
  readonly losses?: readonly ('squared' | 'cross-entropy')[] | undefined;
  /** Stopping times of `gradient-flow`, in 1/λ_max; null: its end. Default: 1 to 1000 and its end. */
  readonly times?: readonly (number | null)[] | undefined;
  /** Solve kernels with negative eigenvalues, too. */
  readonly allowIndefinite?: boolean | undefined;
}
