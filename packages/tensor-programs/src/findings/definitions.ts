/** Definitions that findings implement, in one line each. */
export const definitions = {
  solves: 'test score of the kernel, solved, ≥ 90 % of fine-tuning’s (paper §3)',
  linearization:
    'f_lin(ξ) = f(ξ; θ₀) + ⟨∇f(ξ; θ₀), θ_T − θ₀⟩ recovers ≥ 50 % of the gain over zero-shot (paper §3)',
  steps:
    'f_t − f_{t−1} ≈ ⟨∇f(θ_{t−1}), θ_t − θ_{t−1}⟩ (paper §1): relative error below one half (our threshold)',
  features: 'mean_ij |K(θ_T) − K(θ₀)| / |K(θ₀)| < 2 on the training examples (paper §3)',
  early: 'Adam’s steps along −sign ∇ℓ_t (paper §1): cosine of at least one half on average (our threshold)',
  earlyPath: 'θ_S − θ₀ of Adam along that of SignGD on the same batches: cosine ≥ one half (our threshold)',
  analogue:
    'f_t − f_{t−1} ≈ −η sign(χ_t) K^(A-SignGD)(ξ, ξ_t), K at θ₀, one example per step (paper §2): relative error below one half (our threshold)',
  natural:
    'χ → 0 with width for every example (paper §1); at one width: mean |χ| at most half that of a random head (our threshold)',
} as const;
