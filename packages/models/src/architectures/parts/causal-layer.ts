import { tf } from '@ntk-lens/engine';
import { standardize } from '../../sites/differentiated.js';
import { defineStage } from '../../stages/define-stage.js';
import type { SideInputs } from '../../stages/side-inputs.js';
import type { StageAccess } from '../../stages/stage-access.js';
import type { Activation } from '../network-config.js';
import { activate, causalBias, readOut } from './layers.js';
import { type Rotation, readOutTables, rotaryTables, rotate } from './rotary.js';

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
  /** The feed-forward network reads what attention reads, and not what attention makes of it. */
  readonly parallel?: boolean;
  /** Rotary positions. Default: none. */
  readonly rotation?: Rotation;
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

/** Numbers that a rotation leaves as they are, behind those of each head that it turns. */
const withRest = (turned: tf.Tensor, rest: tf.Tensor, heads: number): tf.Tensor => {
  const [n, length] = turned.shape as [number, number, number];
  const perHead = (x: tf.Tensor) => x.reshape([n, length, heads, x.shape[2]! / heads]);
  return tf.concat([perHead(turned), perHead(rest)], 3).reshape([n, length, -1]);
};

/** Queries and keys of a layer, turned where it has rotary positions. */
const queriesAndKeys = (
  { last, heads, rotation }: CausalSettings,
  at: StageAccess,
  side: SideInputs,
  entering: tf.Tensor,
): { readonly query: tf.Tensor; readonly key: tf.Tensor } => {
  const query = at.use('query', last ? readOut(side, entering) : entering);
  const key = at.use('key', entering);
  if (!rotation) return { query, key };
  const tables = rotaryTables(side, rotation);
  const turned = rotate(key, key.shape[2]! / heads, tables);
  return {
    query: rotate(query, rotation.headSize, last ? readOutTables(side, tables) : tables),
    key: at.has('key.rest') ? withRest(turned, at.use('key.rest', entering), heads) : turned,
  };
};

/**
 * One causal layer with LayerNorms (Radford et al. 2019; Zhang et al. 2022; Black et al. 2022). Its sites are
 * `attention.norm`, `query`, `key`, `value`, `attention.output`, `norm`, `intermediate` and `output`. Where positions turn a
 * part of every key, `key` may be that part, and `key.rest` the other, whose bias has no gradient.
 */
export const causalLayer = defineStage((settings: CausalSettings, at, side, x) => {
  const { last, heads, scale, activation, hiddenDropout, attentionDropout, window, parallel } = settings;
  const all = x!;
  const rowsOf = (state: tf.Tensor) => (last ? readOut(side, state) : state);
  const norm = normOf(at, settings.plainNorms);
  const before = (site: string, y: tf.Tensor) => (settings.norms === 'before' ? norm(site, y) : y);
  const behind = (site: string, y: tf.Tensor) => (settings.norms === 'behind' ? norm(site, y) : y);
  const entering = before('attention.norm', all);
  const attending = {
    ...queriesAndKeys(settings, at, side, entering),
    value: at.use('value', entering),
    bias: causalBias(side, last, window),
  };
  const projected = at.use('attention.output', at.attend(attending, { heads, scale, attentionDropout }));
  const summed = at.dropout('attention.output', projected, hiddenDropout).add(rowsOf(all));
  const attended = behind('attention.norm', summed);
  const feeding = before('norm', parallel ? rowsOf(all) : attended);
  const inner = activate(activation, at.use('intermediate', feeding));
  const fed = at.dropout('output', at.use('output', inner), hiddenDropout).add(attended);
  return behind('norm', fed);
});
