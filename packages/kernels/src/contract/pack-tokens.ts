import { ndarray } from '@ntk-lens/core';
import { defineProgram, type Resident, type Runtime, type TensorSpec, tf } from '@ntk-lens/engine';
import type { MatrixFactors } from '../factors/stage-factors.js';
import { chunkBatches } from './group-batches.js';
import type { PanelAxis } from './kernel-accumulator.js';
import type { GroupSizes, Shares } from './matrix-group.js';
import { type FactorShape, type Factors, float, shapeOfFactors } from './matrix-shapes.js';
import { packTokens } from './token-panels.js';
import { joined } from './total.js';

/** Tokens that one program packs, unless a panel has more. */
export const PACKED_TOKENS = 1024;

/** Tokens of several examples side by side. */
export interface PackedShape {
  readonly outputs: number;
  /** Tokens, filling included. */
  readonly length: number;
  /** Examples that there is room for. */
  readonly room: number;
}

/** The different activations `[n, T, in]` of a group's matrices, and the different cotangents `[n, T, out]`, of every output. */
export interface SharedFactors<Leaf> {
  readonly a: readonly Leaf[];
  readonly b: readonly (readonly Leaf[])[];
}

/** A panel of tokens: its factors, and 1 where a token belongs to an example, `owner` `[room, length]`. */
export interface PackedFactors<Leaf> extends Factors<Leaf> {
  readonly owner: Leaf;
}

/** A panel of tokens in the runtime. */
export interface Packed extends PackedShape, PanelAxis {
  readonly room: number;
  readonly factors: PackedFactors<Resident>;
}

interface PackSettings {
  readonly batches: readonly FactorShape[];
  /** Number of tokens of each batch, for every panel. */
  readonly takes: readonly (readonly number[])[];
  readonly sizes: GroupSizes;
}

/**
 * Takes the tokens of panels out of batches: `orders` numbers, for every panel and batch, the tokens of the batch, padding
 * included, that the panel takes (nothing where it takes none). Panels are all activations side by side, `a`
 * `[length, in]`, and, for every matrix, cotangents `b` `[C, length, out]`.
 */
export const packTokensOf = defineProgram('pack', {
  inputs: ({ batches, takes, sizes }: PackSettings) => ({
    batches: batches.map(
      (f): SharedFactors<TensorSpec> => ({
        a: sizes.inSizes.map((size) => float([f.n, f.length, size])),
        b: sizes.outSizes.map((size) =>
          Array.from({ length: f.outputs }, () => float([f.n, f.length, size])),
        ),
      }),
    ),
    orders: takes.map((counts) =>
      counts.map((count): TensorSpec | undefined =>
        count > 0 ? { dtype: 'int32', shape: [count] } : undefined,
      ),
    ),
  }),
  build: ({ batches, orders }, { takes, sizes }) => {
    // Taken before they are joined: padding is not copied twice.
    const take = (own: readonly (tf.Tensor | undefined)[], x: (i: number) => tf.Tensor) =>
      own.flatMap((order, i) => {
        if (!order) return [];
        const [n, length, width] = x(i).shape as [number, number, number];
        return [tf.gather(x(i).reshape([n * length, width]), order.toInt())];
      });
    return {
      panels: orders.map((own, k) => ({
        a: joined(
          sizes.inSizes.map((_, input) => joined(take(own, (i) => batches[i]!.a[input]!))),
          1,
        ),
        b: sizes.outSizes.map((size, matrix) => {
          const outputs = batches[0]!.b[matrix]!.length;
          const each = Array.from({ length: outputs }, (_, c) =>
            take(own, (i) => batches[i]!.b[matrix]![c]!),
          );
          const length = takes[k]!.reduce((sum, count) => sum + count, 0);
          return joined(each.flat()).reshape([outputs, length, size]);
        }),
      })),
    };
  },
});

/** One batch's part of a group. */
export interface SharedBatch extends Omit<MatrixFactors, 'a' | 'b'>, SharedFactors<Resident> {}

/** @param sides factors of every matrix of a group */
export const sharedBatches = (
  shares: Shares,
  matrices: readonly (readonly MatrixFactors[])[],
): SharedBatch[] =>
  (matrices[0] ?? []).map((batch, i) => ({
    ...batch,
    ...differentOnes(
      shares,
      matrices.map((matrix) => matrix[i]!),
    ),
  }));

const differentOnes = (shares: Shares, own: readonly MatrixFactors[]): SharedFactors<Resident> => {
  const [a, b] = [own.map((matrix) => matrix.a), own.map((matrix) => matrix.b)];
  return shares === 'activations' ? { a: a.slice(0, 1), b } : { a, b: b.slice(0, 1) };
};

/** Panels that one program packs. */
export interface PanelGroup {
  readonly batches: readonly SharedBatch[];
  readonly length: number;
  readonly room: number;
  readonly panels: readonly (readonly Located[])[];
}

/** Panels of one length and room for all examples, several to a group where they are small. */
export const panelsOf = (
  batches: readonly SharedBatch[],
  most: (outputs: number) => number,
): PanelGroup[] => {
  const [first] = batches;
  if (!first) return [];
  const examples = locate(batches);
  const { length, panels } = packTokens(
    examples.map(({ tokens }) => tokens),
    most(first.outputs),
  );
  const room = Math.max(...panels.map((panel) => panel.length));
  const located = panels.map((panel) => panel.map((i) => examples[i]!));
  return chunkBatches(located, PACKED_TOKENS, () => length).map((group) => ({
    batches,
    length,
    room,
    panels: group,
  }));
};

export const packPanels = async (
  runtime: Runtime,
  sizes: GroupSizes,
  { batches, length, room, panels }: PanelGroup,
): Promise<Packed[]> => {
  const orders: Promise<(Resident | undefined)[]>[] = [];
  const owners: Promise<Resident>[] = [];
  const takes: number[][] = [];
  // Batches that the panels take from; the program is given no others.
  const used = [...new Set(panels.flat().map(({ batch }) => batch))].sort((a, b) => a - b);
  for (const panel of panels) {
    const taken: number[][] = used.map(() => []);
    const owner = new Float32Array(room * length);
    let at = 0;
    for (const [row, { batch, first, tokens }] of panel.entries()) {
      for (let t = 0; t < tokens; t++) taken[used.indexOf(batch)]!.push(first + t);
      owner.fill(1, row * length + at, row * length + at + tokens);
      at += tokens;
    }
    // Filling repeats a token and belongs to no example.
    const last = taken.findLast((order) => order.length > 0) ?? [];
    while (at++ < length) last.push(last[0]!);
    takes.push(taken.map((order) => order.length));
    orders.push(
      Promise.all(
        taken.map((order) =>
          order.length > 0
            ? runtime.upload(ndarray<'int32'>(Int32Array.from(order), [order.length]))
            : undefined,
        ),
      ),
    );
    owners.push(runtime.upload(ndarray<'float32'>(owner, [room, length])));
  }
  const from = used.map((batch) => batches[batch]!);
  const numbers = await Promise.all(orders);
  const members = await Promise.all(owners);
  const program = packTokensOf({ batches: from.map(shapeOfFactors), takes, sizes });
  const made = await program.run(runtime, { batches: from.map(({ a, b }) => ({ a, b })), orders: numbers });
  runtime.release(numbers.flat().filter((order) => order !== undefined));
  return panels.map((panel, k) => ({
    outputs: from[0]!.outputs,
    length,
    room,
    indices: panel.map(({ index }) => index),
    factors: { ...made.panels[k]!, owner: members[k]! },
  }));
};

/** An example's batch, and where its tokens begin when those of the batch, padding included, are numbered. */
interface Located {
  readonly index: number;
  readonly batch: number;
  readonly first: number;
  readonly tokens: number;
}

const locate = (batches: readonly SharedBatch[]): Located[] =>
  batches.flatMap(({ indices, length, tokens }, batch) =>
    indices.map((index, i) => ({
      index,
      batch,
      first: i * length,
      tokens: tokens?.[i] ?? length,
    })),
  );

export const releasePanels = (runtime: Runtime, panels: readonly Packed[]): void =>
  runtime.release(panels.flatMap(({ factors: { a, b, owner } }) => [a, ...b, owner]));
