import { type NDArray, ndarray } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { type LocalParameter, takePart } from '@ntk-lens/models';
import type { MatrixParameter } from '../factors/active-parameters.js';
import type { MapPair } from '../formulas/formula.js';
import type { GradientMap } from '../formulas/gradient-map.js';
import type { MapFactors } from '../formulas/mapped-gram.js';
import { vectorRows, vectorSize } from '../sites/index.js';
import type { VectorLengths } from '../sites/kernel-site.js';
import type { RowFactors } from './contract-rows.js';

/** Reads factors of a formula's maps for parameters, in the form in which their gradients are multiplied. */
export class MapScales {
  readonly #runtime: Runtime;
  readonly #maps: MapPair;
  readonly #lengths: VectorLengths;

  constructor(runtime: Runtime, maps: MapPair, lengths: VectorLengths) {
    this.#runtime = runtime;
    this.#maps = maps;
    this.#lengths = lengths;
  }

  /** For a matrix: in the shape in which it is used. The caller releases them. */
  matrix({ ref, inFirst, inSize, outSize }: MatrixParameter): Promise<MapFactors<Resident>> {
    const shape = inFirst ? [inSize, outSize] : [outSize, inSize];
    return this.#both(async (read) => {
      const { data } = takePart(await read(ref.name), ref.part);
      return this.#runtime.upload(ndarray<'float32'>(data, shape));
    });
  }

  /** For vectors side by side, `[P]`. The caller releases them. */
  vectors(parameters: readonly LocalParameter[]): Promise<MapFactors<Resident>> {
    return this.#both(async (read) => {
      const { padTo } = this.#lengths;
      const factors = new Float32Array(
        parameters.reduce((sum, parameter) => sum + vectorSize(parameter, padTo), 0),
      );
      let start = 0;
      for (const parameter of parameters) {
        const { ref } = parameter;
        const { row, rows, width } = vectorRows(parameter, this.#lengths);
        const { data } = takePart(await read(ref.name), ref.part);
        factors.set(data.subarray(row * width, (row + rows) * width), start);
        start += rows * width;
      }
      return this.#runtime.upload(ndarray<'float32'>(factors, [factors.length]));
    });
  }

  /** For the rows of a table. */
  rows({ ref }: LocalParameter): Promise<MapFactors<RowFactors>> {
    return this.#both(async (read) => {
      const { data, shape } = await read(ref.name);
      const width = shape[1] ?? 1;
      return (id) => data.subarray(id * width, (id + 1) * width);
    });
  }

  release({ train, query }: MapFactors<Resident>): void {
    this.#runtime.release([train, query].filter((tensor) => tensor !== undefined));
  }

  async #both<T>(
    make: (read: (parameter: string) => Promise<NDArray<'float32'>>) => Promise<T>,
  ): Promise<MapFactors<T>> {
    const of = ({ factors }: GradientMap): Promise<T> | undefined =>
      factors && make((parameter) => factors.read(parameter));
    const { train, query } = this.#maps;
    const trained = await of(train);
    return { train: trained, query: train === query ? trained : await of(query) };
  }
}
