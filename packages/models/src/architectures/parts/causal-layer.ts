import type { tf } from '@ntk-lens/engine';
import { standardize } from '../../sites/differentiated.js';
import { defineStage } from '../../stages/define-stage.js';
import type { StageAccess } from '../../stages/stage-access.js';
import type { Activation } from '../network-config.js';
import { activate, causalBias, readOut } from './layers.js';

/** Numbers that a causal layer's function depends on. */
export interface CausalSettings {
  /** Computes only the row that is read out. */
  readonly last: boolean;
  readonly heads: number;
  /** Multiplies the queries. Default: 1/√(size of a head). */
  readonly scale?: number;
  readonly activation: Activation;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  /** LayerNorms stand before attention and feed-forward, or behind their sums with the hidden state. */
  readonly norms: 'before' | 'behind';
  /** Keys that a query sees, its own among them. Default: all that are not later. */
  readonly window?: number;
  /** LayerNorms have no parameters, and this ε. Default: they are sites. */
  readonly plainNorms?: number;
}

/** LayerNorm as a site, or without parameters. */
export const normOf =
  (at: StageAccess, plain: number | undefined) =>
  (site: string, x: tf.Tensor): tf.Tensor =>
    plain === undefined ? at.use(site, x) : standardize(x, plain);

/**
 * One causal layer with LayerNorms (Radford et al. 2019; Zhang et al. 2022). Its sites are `attention.norm`, `query`,
 * `key`, `value`, `attention.output`, `norm`, `intermediate` and `output`.
 */
export const causalLayer = defineStage((settings: CausalSettings, at, side, x) => {
  const { last, heads, scale, activation, hiddenDropout, attentionDropout, window } = settings;
  const all = x!;
  const rowsOf = (state: tf.Tensor) => (last ? readOut(side, state) : state);
  const norm = normOf(at, settings.plainNorms);
  const before = (site: string, y: tf.Tensor) => (settings.norms === 'before' ? norm(site, y) : y);
  const behind = (site: string, y: tf.Tensor) => (settings.norms === 'behind' ? norm(site, y) : y);
  const entering = before('attention.norm', all);
  const attending = {
    query: at.use('query', rowsOf(entering)),
    key: at.use('key', entering),
    value: at.use('value', entering),
    bias: causalBias(side, last, window),
  };
  const projected = at.use('attention.output', at.attend(attending, { heads, scale, attentionDropout }));
  const summed = at.dropout('attention.output', projected, hiddenDropout).add(rowsOf(all));
  const attended = behind('attention.norm', summed);
  const inner = activate(activation, at.use('intermediate', before('norm', attended)));
  const fed = at.dropout('output', at.use('output', inner), hiddenDropout).add(attended);
  return behind('norm', fed);
});
