/** A space and the seed of what it draws. */
export interface SpaceRequest {
  readonly spec: string;
  readonly seed: number;
}

/** What a table says of a space. */
export interface SpaceInfo {
  /** k: numbers that move. */
  readonly dimension: number;
  /** False where the space's starting point is another function than the model: prefixes, soft prompts, adapters. */
  readonly startsAtModel: boolean;
  /** A random projection of all parameters' gradients, of which the Johnson–Lindenstrauss lemma speaks. */
  readonly projectsAll: boolean;
}
