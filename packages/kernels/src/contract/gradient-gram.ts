import { defineProgram, type TensorSpec, type tf } from '@ntk-lens/engine';
import { isSymmetric, type MapPair } from '../formulas/formula.js';
import type { GradientMap } from '../formulas/gradient-map.js';
import {
  type MapFactors,
  type MappedGram,
  mappedGram,
  orientations,
  type SideMap,
} from '../formulas/mapped-gram.js';
import type { ProgramMaps } from '../formulas/program-maps.js';
import {
  factorPieces,
  formGradients,
  leftSpecs,
  mapFactorSpec,
  type PieceOf,
  rightShape,
} from './form-gradients.js';
import { type GradientSet, gradientsOf, longest } from './group-batches.js';
import { type FactorShape, float } from './matrix-shapes.js';
import { pairs, type Sides } from './pairs.js';
import { cutSide, type RunSize, type Slicing, workspaceBytes } from './slicing.js';
import { joined, total } from './total.js';

/** The operands of one run of {@link gradientGram}. */
export interface GramRun<F> extends Sides<GradientSet<F>> {
  /** Rows against rows as well. */
  readonly self: boolean;
  /** Also with the maps of rows and columns exchanged. */
  readonly flipped: boolean;
  /** Also K(ξ, ξ) of the columns. */
  readonly diagonal: boolean;
}

interface GramSettings extends GramRun<FactorShape> {
  readonly maps: ProgramMaps;
  /** Factors that the maps have. */
  readonly mapped: MapFactors<true>;
  readonly inFirst: boolean;
  readonly slicing: Slicing;
}

/** One panel of a run: which kernel it adds to, and of which sets of gradients. */
export interface GramPanel {
  readonly kind: 'cross' | 'flipped' | 'self' | 'diagonal';
  /** A set of rows; of columns for `diagonal`. */
  readonly row: number;
  /** A set of columns, or of rows for `self`. */
  readonly column: number;
  /** The panel is also that of the sets turned round. */
  readonly mirror: boolean;
}

/**
 * The panels that {@link gradientGram} returns, in order: one set of columns after another, so that only the rows
 * and one of these exist at once.
 */
export const gramPanels = (
  maps: MapPair,
  { rows, columns, self, flipped, diagonal }: GramRun<unknown>,
): GramPanel[] => {
  const symmetric = isSymmetric(maps);
  const own = [...rows.keys()];
  const crossed = [...columns.keys()].flatMap((column): GramPanel[] => [
    ...[...pairs({ rows: own, columns: [column] }, { self: false, symmetric })].flatMap(
      ({ x: row, mirror }): GramPanel[] => [
        { kind: 'cross', row, column, mirror },
        ...(flipped ? [{ kind: 'flipped', row, column, mirror } as const] : []),
      ],
    ),
    ...(diagonal ? [{ kind: 'diagonal', row: column, column, mirror: false } as const] : []),
  ]);
  const among = [...pairs({ rows: own, columns: [] }, { self, symmetric })].map(
    ({ x: row, y: column, mirror }): GramPanel => ({ kind: 'self', row, column, mirror }),
  );
  return [...crossed, ...among];
};

/** The gradients and tokens of a run. */
export const runSize = ({ rows, columns }: Sides<GradientSet<FactorShape>>): RunSize => {
  const groups = [...rows, ...columns].flat();
  const most = Math.max(0, ...columns.map((set) => gradientsOf(set.flat())));
  return {
    outputs: groups[0]?.[0]?.outputs ?? 1,
    gradients: gradientsOf(rows.flat(2)) + most,
    tokens: groups.reduce((sum, group) => sum + gradientsOf(group) * longest(group), 0),
  };
};

/**
 * The tensors that form the gradients of a group of batches: the side that is not cut, and for each batch the
 * factors that are.
 */
export interface GroupFactors<Leaf> {
  readonly right: Leaf;
  readonly left: readonly (readonly Leaf[])[];
}

/**
 * Kernel panels of rows against columns, and of rows against rows, from gradients that are formed piece by piece and
 * dropped. Result `panels`: all of {@link gramPanels}, each `[m·C, n·C]` (columns × rows, outputs of an example side by
 * side) or for a diagonal `[m·C]`, flattened one after another.
 *
 * ONNX Runtime orders operations by a depth-first walk from the outputs. With one output, a sum over pieces of
 * everything that a piece gives, that walk finishes a piece before it starts the next.
 */
export const gradientGram = defineProgram('gradient gram', {
  inputs: ({ rows, columns, slicing, mapped, inFirst }: GramSettings) => {
    const groupsOf = (sets: readonly GradientSet<FactorShape>[]) =>
      sets.map((set) =>
        set.map(
          (group): GroupFactors<TensorSpec> => ({
            right: float(rightShape(group, slicing)),
            left: group.map((f) => leftSpecs(f, slicing)),
          }),
        ),
      );
    const factor = (has: true | undefined) => has && mapFactorSpec(slicing, inFirst);
    const slice: TensorSpec | undefined =
      slicing.rows === cutSide(slicing) ? undefined : { dtype: 'int32', shape: [1] };
    return {
      rows: groupsOf(rows),
      columns: groupsOf(columns),
      factors: { train: factor(mapped.train), query: factor(mapped.query) },
      slice,
    };
  },
  keepWorkspace: ({ maps, slicing, ...run }) => workspaceBytes(maps, slicing, runSize(run)),
  build: ({ slice, factors, ...tensors }, settings) => {
    const { maps, slicing: s, inFirst } = settings;
    const gram = mappedGram(maps);
    const panels = gramPanels(maps, settings);
    const piecesOf = (
      sets: readonly (readonly GroupFactors<tf.Tensor>[])[],
      shapes: readonly GradientSet<FactorShape>[],
    ): readonly (readonly PieceOf[])[] =>
      sets.map((set, i) =>
        set.map(({ left, right }, j) => formGradients(s, left, right, shapes[i]![j]![0]!.outputs, slice)),
      );
    const rows = piecesOf(tensors.rows, settings.rows);
    const columns = piecesOf(tensors.columns, settings.columns);
    const factorOf = {
      train: factorPieces(factors.train, inFirst, s, slice),
      query: factorPieces(factors.query, inFirst, s, slice),
    };
    const pieces: tf.Tensor[] = [];
    for (let from = 0; from < s.rows; from += s.piece) {
      const form = (set: readonly PieceOf[]) =>
        new Mapped(
          gram,
          set.map((piece) => piece(from, s.piece)),
        );
      const [rowForms, columnForms] = [rows.map(form), columns.map(form)];
      const own = orientations(maps, {
        train: factorOf.train(from, s.piece),
        query: factorOf.query(from, s.piece),
      });
      const parts = panels.map(({ kind, row, column }) => {
        const orientation = kind === 'flipped' ? (own.flipped ?? own.kernel) : own.kernel;
        const x = (kind === 'diagonal' ? columnForms : rowForms)[row]!.by(orientation.rows);
        const y = (kind === 'self' ? rowForms : columnForms)[column]!.by(orientation.columns);
        return kind === 'diagonal' ? gram.squares(x, y) : gram.product(y, x).flatten();
      });
      pieces.push(joined(parts));
    }
    return { panels: total(pieces) };
  },
});

/** A piece of the gradients of a set of batches, in the forms that maps make of it; each is made at most once. */
class Mapped {
  readonly #gram: MappedGram;
  readonly #parts: readonly tf.Tensor2D[];
  readonly #made = new Map<GradientMap, tf.Tensor>();

  constructor(gram: MappedGram, parts: readonly tf.Tensor2D[]) {
    this.#gram = gram;
    this.#parts = parts;
  }

  by(side: SideMap): tf.Tensor {
    const known = this.#made.get(side.map);
    if (known) return known;
    const made = joined(this.#parts.map((part) => this.#gram.map(part, side)));
    this.#made.set(side.map, made);
    return made;
  }
}
