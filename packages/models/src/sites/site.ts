import type { EmbeddingSite } from './embedding.js';
import type { LinearSite } from './linear.js';
import type { NormSite } from './norm.js';

/**
 * One use of parameters by the network. Per example a site leaves its input activations `a` and its output cotangents
 * `b`, from which the gradients of its parameters follow (docs/theory.md, Sites).
 */
export type Site = LinearSite | NormSite | EmbeddingSite;
