import type { Resident, Runtime } from '@ntk-lens/engine';
import { type LocalParameter, partKey, rowsOf } from '@ntk-lens/models';
import type { ActiveParameters, MatrixParameter } from '../factors/active-parameters.js';
import type { BatchFactors, MatrixFactors } from '../factors/stage-factors.js';
import { addDecoderRows, type TableFactors, type TableGradients, tableGradients } from './contract-rows.js';
import type { VectorFactors } from './contract-vectors.js';
import { addVectors, joinFactors, takeRanges } from './join-programs.js';
import { factorsOf, shapeOfFactors } from './matrix-shapes.js';
import { bothSides, mapSides, mapSidesInOrder, type Sides } from './pairs.js';
import { ParameterUses, type VectorGroup, vectorRanges } from './shared-parameters.js';
import { SharedTensors } from './shared-tensors.js';

export interface WholeGradientsOptions {
  readonly runtime: Runtime;
  readonly active: readonly ActiveParameters[];
  /** Tokens to which gradients by position are padded. */
  readonly padTo: number;
  /** The decoder and the word embeddings are one parameter with two uses. */
  readonly tied: boolean;
}

/** A matrix parameter with its factors. */
export interface WholeMatrix {
  readonly parameter: MatrixParameter;
  readonly sides: Sides<MatrixFactors>;
}

/** Vector parameters with their gradients side by side. */
export interface WholeVectors {
  readonly parameters: readonly LocalParameter[];
  readonly sides: Sides<VectorFactors>;
}

/** A large table with the rows of its gradient. */
export interface WholeTable {
  readonly parameter: LocalParameter;
  readonly sides: Sides<TableFactors>;
}

/**
 * Gives the gradients of parameters once all of their uses have been seen. A gradient is the sum over all
 * uses (ALBERT's layers share theirs), so the factors of a stage are held until the last use, counted from
 * the head down.
 */
export class WholeGradients {
  readonly #options: WholeGradientsOptions;
  readonly #uses: ParameterUses;
  readonly #factors: SharedTensors;
  readonly #matrices = new Map<string, Sides<MatrixFactors>[]>();
  /** The sum of the uses seen so far, and their number. */
  readonly #vectors = new Map<string, { readonly uses: number; readonly sum: Sides<VectorFactors> }>();
  /** Decoder gradients as rows of the word embeddings, when the two are one parameter. */
  #decoder: Sides<TableGradients> | undefined;

  constructor(options: WholeGradientsOptions) {
    this.#options = options;
    this.#uses = new ParameterUses(options.active);
    this.#factors = new SharedTensors(options.runtime);
  }

  /** The stage's matrices that are whole; {@link releaseMatrix} frees each. */
  async matrices(own: ActiveParameters, factors: Sides<BatchFactors>): Promise<WholeMatrix[]> {
    for (const { matrices } of bothSides(factors)) this.#factors.hold(matrices.flatMap(tensorsOf));
    const whole: WholeMatrix[] = [];
    for (const [k, parameter] of own.matrices.entries()) {
      const sides = mapSides(factors, ({ matrices }) => matrices[k]!);
      const labels = this.#options.tied ? rowsOf(parameter.ref) : undefined;
      if (labels) this.#decoder = await mapSidesInOrder(sides, (f) => this.#decoderRows(labels, f));
      else {
        const joined = await this.#joined(parameter, sides);
        if (joined) whole.push({ parameter, sides: joined });
      }
    }
    return whole;
  }

  releaseMatrix({ sides }: WholeMatrix): void {
    this.#factors.release(bothSides(sides).flatMap(tensorsOf));
  }

  /** The stage's vectors that are whole, one group at a time; the caller releases their tensors. */
  async *vectors(
    index: number,
    own: ActiveParameters,
    factors: Sides<BatchFactors>,
  ): AsyncGenerator<WholeVectors> {
    const groups = this.#uses.vectors(index);
    const [only, ...others] = groups;
    if (!only) return;
    const all = mapSides(factors, ({ indices, vectors }) => ({ indices, v: vectors as Resident }));
    for (const group of groups) {
      const sides = others.length === 0 ? all : await this.#take(own, group, all);
      const summed = await this.#summed(group, sides);
      if (summed) yield { parameters: group.vectors, sides: summed };
    }
    if (others.length > 0) this.#options.runtime.release(bothSides(all).map(({ v }) => v));
  }

  /** The stage's tables. */
  async *tables(own: ActiveParameters, factors: Sides<BatchFactors>): AsyncGenerator<WholeTable> {
    const { runtime } = this.#options;
    for (const [k, parameter] of own.rows.entries()) {
      const words = await mapSidesInOrder(factors, async ({ indices, ids, rows }) => {
        const cotangents = rows[k]!;
        const gradients = tableGradients(await runtime.download(cotangents), ids);
        runtime.release([cotangents]);
        return { indices, gradients };
      });
      const sides = mapSides(words, ({ indices, gradients }, side, i) => ({
        indices,
        gradients: addDecoderRows(gradients, this.#decoder?.[side][i]),
      }));
      yield { parameter, sides };
    }
  }

  /** The factors of all uses of a parameter, or nothing while uses are still to come. */
  async #joined(
    { ref, inSize, outSize }: MatrixParameter,
    sides: Sides<MatrixFactors>,
  ): Promise<Sides<MatrixFactors> | undefined> {
    const key = partKey(ref);
    const uses = [...(this.#matrices.get(key) ?? []), sides];
    if (uses.length < this.#uses.matrix(key)) {
      this.#matrices.set(key, uses);
      return undefined;
    }
    this.#matrices.delete(key);
    if (uses.length === 1) return sides;
    const { runtime } = this.#options;
    return mapSidesInOrder(
      mapSides(sides, (_, side, i) => uses.map((use) => use[side][i]!)),
      async (parts): Promise<MatrixFactors> => {
        const program = joinFactors({
          parts: parts.map(shapeOfFactors),
          size: { inSize, outSize },
          axis: 1,
        });
        const { a, b } = await program.run(runtime, { parts: parts.map(factorsOf) });
        this.#factors.release(parts.flatMap(tensorsOf));
        const { indices, outputs, n } = parts[0]!;
        return { indices, outputs, n, a, b, length: a.shape[1] ?? 0 };
      },
    );
  }

  async #decoderRows(labelWordIds: readonly number[], f: MatrixFactors): Promise<TableGradients> {
    const { runtime } = this.#options;
    const hidden = await runtime.download(f.a);
    const cotangents = await Promise.all(f.b.map((b) => runtime.download(b)));
    this.#factors.release(tensorsOf(f));
    const width = hidden.shape[2] ?? 0;
    return cotangents.map(({ data }) =>
      Array.from({ length: f.n }, (_, i) => {
        const h = hidden.data.subarray(i * width, (i + 1) * width) as Float32Array;
        const start = i * labelWordIds.length;
        return new Map(labelWordIds.map((id, l) => [id, h.map((x) => x * data[start + l]!)]));
      }),
    );
  }

  /** The gradients of one group of a stage's vector parameters. */
  #take(
    { vectors }: ActiveParameters,
    group: VectorGroup,
    all: Sides<VectorFactors>,
  ): Promise<Sides<VectorFactors>> {
    const { runtime, padTo } = this.#options;
    const places = vectorRanges(vectors, padTo);
    const ranges = group.vectors.map((vector) => places[vectors.indexOf(vector)]!);
    return mapSidesInOrder(all, async ({ indices, v }) => {
      const part = await takeRanges({ shape: v.shape, ranges }).run(runtime, { v });
      return { indices, v: part.v };
    });
  }

  /** Sums over all uses, or nothing while uses are still to come. */
  async #summed(group: VectorGroup, sides: Sides<VectorFactors>): Promise<Sides<VectorFactors> | undefined> {
    const seen = this.#vectors.get(group.key);
    const uses = 1 + (seen?.uses ?? 0);
    const sum = seen ? await this.#sum(seen.sum, sides) : sides;
    if (uses === group.uses) {
      this.#vectors.delete(group.key);
      return sum;
    }
    this.#vectors.set(group.key, { uses, sum });
    return undefined;
  }

  #sum(left: Sides<VectorFactors>, right: Sides<VectorFactors>): Promise<Sides<VectorFactors>> {
    const { runtime } = this.#options;
    return mapSidesInOrder(
      mapSides(right, ({ indices, v }, side, i) => ({ indices, parts: [left[side][i]!.v, v] as const })),
      async ({ indices, parts: [x, y] }) => {
        const { v } = await addVectors({ shape: x.shape }).run(runtime, { x, y });
        runtime.release([x, y]);
        return { indices, v };
      },
    );
  }
}

const tensorsOf = ({ a, b }: MatrixFactors): Resident[] => [a, ...b];
