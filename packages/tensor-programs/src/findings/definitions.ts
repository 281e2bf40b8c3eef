/**
 * Definitions that findings implement, in one line each. The thresholds 90 %, 50 % and 2 are second-hand: a public
 * re-implementation quotes them as the paper's.
 */
export const definitions = {
  solves:
    'test score of the kernel, solved, ≥ 90 % of fine-tuning’s (threshold as quoted by a re-implementation)',
  linearization:
    'f_lin(ξ) = f(ξ; θ₀) + ⟨∇f(ξ; θ₀), θ_T − θ₀⟩ recovers ≥ 50 % of the gain over zero-shot (threshold as quoted by a re-implementation)',
  steps:
    'f_t − f_{t−1} ≈ ⟨∇f(θ_{t−1}), θ_t − θ_{t−1}⟩ (docs/theory.md, Definitions): relative error below one half (our threshold)',
  features:
    'mean_ij |K(θ_T) − K(θ₀)| / |K(θ₀)| < 2 on the training examples (threshold as quoted by a re-implementation)',
  early:
    'Adam’s steps along −sign ∇ℓ_t (docs/theory.md, Kernels): cosine of at least one half on average (our threshold)',
  earlyPath: 'θ_S − θ₀ of Adam along that of SignGD on the same batches: cosine ≥ one half (our threshold)',
  analogue:
    'f_t − f_{t−1} ≈ −η sign(χ_t) K^(A-SignGD)(ξ, ξ_t), K at θ₀, one example per step (docs/theory.md, Statements): relative error below one half (our threshold)',
  natural:
    'χ → 0 with width for every example (docs/theory.md, Definitions); at one width: mean |χ| at most half that of a random head (our threshold)',
} as const;
