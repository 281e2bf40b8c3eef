import type { Resident } from '@ntk-lens/engine';
import type { Accumulators, PassKernels } from '../contract/accumulators.js';
import { contractLinear, type LinearContraction, type LinearFactors } from '../contract/contract-linear.js';
import { factorInputs, vectorGramProgram } from '../contract/gram-programs.js';
import {
  joinedFactors,
  joinTokensProgram,
  sumProgram,
  takeRangesProgram,
} from '../contract/join-programs.js';
import type { BlockAxis } from '../contract/kernel-accumulator.js';
import { SharedTensors } from '../contract/shared-tensors.js';
import { addDecoderRows, type TableGradients, tableBlock, tableForms } from '../contract/table-gram.js';
import type { VectorParameter } from '../factors/active-parameters.js';
import { vectorSize } from '../factors/stage-programs.js';
import type { KernelContext } from './kernel-context.js';
import { ParameterUses, partKey, type VectorGroup } from './shared-parameters.js';
import type { BatchFactors } from './stage-factors.js';

/** Factors of one stage for all batches of a pass. */
export interface StageFactors {
  readonly rows: readonly BatchFactors[];
  readonly columns: readonly BatchFactors[];
}

/** Turns the factors of stages, given from the head down, into kernels. */
export interface Contractor {
  /** Takes the factors of stage `index` and frees them. */
  contract(index: number, factors: StageFactors): Promise<void>;
  /** Called after the first stage. */
  finish?(): void;
}

/** One kind of factor for all batches of a pass. */
interface Sides<T> {
  readonly rows: readonly T[];
  readonly columns: readonly T[];
}

interface VectorFactors extends BlockAxis {
  readonly v: Resident;
}

/** Adds the contributions of stages, given from the head down, to the kernels, and frees their factors. */
export class StageContractor implements Contractor {
  readonly #context: KernelContext;
  readonly #into: Accumulators;
  readonly #uses: ParameterUses;
  readonly #factors: SharedTensors;
  readonly #linear = new Map<string, Sides<LinearFactors>[]>();
  readonly #vectors = new Map<string, Sides<VectorFactors>[]>();
  /** Decoder gradients as rows of the word embeddings, when the two are one parameter. */
  #decoder: Sides<TableGradients> | undefined;

  constructor(context: KernelContext, into: Accumulators) {
    this.#context = context;
    this.#into = into;
    this.#uses = new ParameterUses(context.stages, context.active);
    this.#factors = new SharedTensors(context.runtime);
  }

  async contract(index: number, factors: StageFactors): Promise<void> {
    const { stages, runtime, formula, tied } = this.#context;
    const stage = stages[index]!;
    const active = this.#context.active[index]!;
    for (const { linear } of bothSides(factors))
      this.#factors.hold([...linear.values()].flatMap(({ a, b }) => [a, ...b]));
    // Sites that read the same activations and add to the same kernels are contracted together.
    const together: { readonly into: PassKernels; readonly sites: LinearContraction[] }[] = [];
    for (const site of active.linear) {
      const { weight } = site;
      const sides = mapSides(factors, (batch) => batch.linear.get(site.name)!);
      if (tied && weight.part && 'rows' in weight.part) {
        await this.#holdDecoder(weight.part.rows, sides);
        continue;
      }
      const joined = await this.#whole(partKey(weight), sides);
      if (!joined) continue;
      const { a, b } = joined.rows[0]!;
      const contraction = { formula, inSize: a.shape[2]!, outSize: b[0]!.shape[2]!, ...joined };
      const into = this.#into.at(stage.name, weight.name);
      const group = together.find((other) => other.into === into && other.sites[0]!.rows[0]!.a === a);
      if (group) group.sites.push(contraction);
      else together.push({ into, sites: [contraction] });
    }
    // Factors are copied while they are contracted: the largest last, when the others' are released.
    together.sort((x, y) => factorSize(x.sites) - factorSize(y.sites));
    for (const { into, sites } of together) {
      await contractLinear(runtime, sites, into);
      this.#factors.release(sites.flatMap((site) => bothSides(site).flatMap(({ a, b }) => [a, ...b])));
    }
    await this.#contractVectors(index, factors);
    for (const site of active.tables) {
      const into = this.#into.at(stage.name, site.table.name);
      const forms = mapSides(factors, (batch, side, i) =>
        tableForms(
          addDecoderRows(batch.tables.get(site.name)!, this.#decoder?.[side][i]),
          formula,
          batch.indices,
        ),
      );
      for (const { x, y, target, mirror } of pairs(forms, into, formula === 'a-signgd')) {
        const block = tableBlock(formula, x, y);
        into[target]!.add(block.k, [x], [y], mirror);
        if (target === 'cross' && block.flipped) into.flipped!.add(block.flipped, [x], [y]);
      }
    }
  }

  /** The factors of all uses of a parameter, or nothing while uses are still to come. */
  async #whole(key: string, sides: Sides<LinearFactors>): Promise<Sides<LinearFactors> | undefined> {
    const uses = [...(this.#linear.get(key) ?? []), sides];
    if (uses.length < this.#uses.linear(key)) {
      this.#linear.set(key, uses);
      return undefined;
    }
    this.#linear.delete(key);
    if (uses.length === 1) return sides;
    const join = async (side: 'rows' | 'columns') => {
      const joined: LinearFactors[] = [];
      for (const i of sides[side].keys()) {
        const parts = uses.map((use) => use[side][i]!);
        const [inSize, outSize] = [parts[0]!.a.shape[2]!, parts[0]!.b[0]!.shape[2]!];
        const program = joinTokensProgram(parts, { inSize, outSize });
        const inputs: Record<string, Resident> = Object.assign(
          {},
          ...parts.map((f, k) => factorInputs(`${k}`, f)),
        );
        const { indices, outputs, n } = parts[0]!;
        const factors = joinedFactors(await this.#context.runtime.run(program, inputs), outputs);
        this.#factors.release(parts.flatMap((f) => [f.a, ...f.b]));
        joined.push({ indices, outputs, n, ...factors, length: factors.a.shape[1]! });
      }
      return joined;
    };
    return { rows: await join('rows'), columns: await join('columns') };
  }

  async #holdDecoder(labelWordIds: readonly number[], sides: Sides<LinearFactors>): Promise<void> {
    const { runtime } = this.#context;
    const hold = async (list: readonly LinearFactors[]) => {
      const rows: TableGradients[] = [];
      for (const f of list) {
        const hidden = await runtime.download(f.a);
        const cotangents = await Promise.all(f.b.map((b) => runtime.download(b)));
        this.#factors.release([f.a, ...f.b]);
        const width = hidden.shape[2]!;
        rows.push(
          cotangents.map(({ data }) =>
            Array.from({ length: f.n }, (_, i) => {
              const h = hidden.data.subarray(i * width, (i + 1) * width) as Float32Array;
              const start = i * labelWordIds.length;
              return new Map(labelWordIds.map((id, l) => [id, h.map((x) => x * data[start + l]!)]));
            }),
          ),
        );
      }
      return rows;
    };
    this.#decoder = { rows: await hold(sides.rows), columns: await hold(sides.columns) };
  }

  async #contractVectors(index: number, factors: StageFactors): Promise<void> {
    const groups = this.#uses.vectors(index);
    if (groups.length === 0) return;
    const all = mapSides(factors, ({ indices, vectors }) => ({ indices, v: vectors! }));
    if (groups.length === 1) return this.#contractGroup(index, groups[0]!, all);
    for (const group of groups) await this.#contractGroup(index, group, await this.#take(index, group, all));
    this.#context.runtime.release(bothSides(all).map(({ v }) => v));
  }

  /** The gradients of one group of a stage's vector parameters. */
  async #take(index: number, group: VectorGroup, all: Sides<VectorFactors>): Promise<Sides<VectorFactors>> {
    const { runtime, padTo, active } = this.#context;
    const ranges = vectorRanges(active[index]!.vectors, padTo);
    const wanted = group.vectors.map((vector) => ranges.get(vector)!);
    const take = async (list: readonly VectorFactors[]) => {
      const taken: VectorFactors[] = [];
      for (const { indices, v } of list) {
        const part = await runtime.run(takeRangesProgram(v.shape, wanted), { v });
        taken.push({ indices, v: part['v']! });
      }
      return taken;
    };
    return { rows: await take(all.rows), columns: await take(all.columns) };
  }

  async #contractGroup(index: number, group: VectorGroup, factors: Sides<VectorFactors>): Promise<void> {
    const { runtime, formula, padTo, stages } = this.#context;
    const uses = [...(this.#vectors.get(group.key) ?? []), factors];
    if (uses.length < group.uses) {
      this.#vectors.set(group.key, uses);
      return;
    }
    this.#vectors.delete(group.key);
    const sides = uses.length === 1 ? uses[0]! : await this.#sum(uses);

    const ranges = [...vectorRanges(group.vectors, padTo)].map(([{ parameter }, range]) => ({
      name: parameter.name,
      range,
    }));
    const wanted = this.#into.level === 'parameter' ? ranges : [{ name: '', range: undefined }];
    for (const { name, range } of wanted) {
      const into = this.#into.at(stages[index]!.name, name);
      for (const { x, y, target, mirror } of pairs(sides, into, formula === 'a-signgd')) {
        const program = vectorGramProgram(formula, x.v.shape, y.v.shape, range);
        const block = await runtime.compute(program, { v0: x.v, v1: y.v });
        into[target]!.add(block['k']!.data, [x], [y], mirror);
        if (target === 'cross' && block['flipped']) into.flipped!.add(block['flipped'].data, [x], [y]);
      }
    }
    runtime.release(bothSides(sides).map(({ v }) => v));
  }

  async #sum(uses: readonly Sides<VectorFactors>[]): Promise<Sides<VectorFactors>> {
    const { runtime } = this.#context;
    const add = async (side: 'rows' | 'columns') => {
      const sums: VectorFactors[] = [];
      for (const [i, { indices, v }] of uses[0]![side].entries()) {
        const parts = uses.map((use) => use[side][i]!.v);
        const total = await runtime.run(
          sumProgram(parts.length, v.shape),
          Object.fromEntries(parts.map((p, k) => [`v${k}`, p])),
        );
        runtime.release(parts);
        sums.push({ indices, v: total['v']! });
      }
      return sums;
    };
    return { rows: await add('rows'), columns: await add('columns') };
  }
}

/** Where each of these vector parameters lies when they are side by side: `[start, size]`. */
const vectorRanges = (
  vectors: readonly VectorParameter[],
  padTo: number,
): Map<VectorParameter, readonly [number, number]> => {
  let start = 0;
  return new Map(
    vectors.map((vector) => {
      const size = vectorSize(vector, padTo);
      start += size;
      return [vector, [start - size, size] as const];
    }),
  );
};

/** Numbers per token. */
const factorSize = (sites: readonly LinearContraction[]): number =>
  sites.reduce((sum, { rows, outSize }) => sum + rows[0]!.outputs * outSize, sites[0]!.inSize);

const mapSides = <T, U>(
  sides: Sides<T>,
  f: (item: T, side: 'rows' | 'columns', i: number) => U,
): Sides<U> => ({
  rows: sides.rows.map((item, i) => f(item, 'rows', i)),
  columns: sides.columns.map((item, i) => f(item, 'columns', i)),
});

const bothSides = <T>({ rows, columns }: Sides<T>): T[] => [...rows, ...columns];

/** All pairs of batches that a pass needs: rows against columns, and rows against rows if `self` is wanted. */
const pairs = function* <T>(sides: Sides<T>, kernels: PassKernels, ordered: boolean) {
  for (const [i, x] of sides.rows.entries()) {
    for (const y of sides.columns) yield { x, y, target: 'cross' as const, mirror: false };
    if (!kernels.self) continue;
    for (const [j, y] of sides.rows.entries()) {
      if (ordered || j >= i) yield { x, y, target: 'self' as const, mirror: !ordered && i !== j };
    }
  }
};
