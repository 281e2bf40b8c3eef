import * as tf from '@ntk-lens/tfjs';

/** The entry of an operation on the tape of tfjs. */
interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  readonly saved?: readonly tf.Tensor[];
  readonly gradient?: (dys: readonly (tf.Tensor | null)[]) => Readonly<Record<string, () => tf.Tensor>>;
}

/** The part of tfjs's state that says which operations go on its tape. */
interface TapeState {
  gradientDepth: number;
  activeTape: TapeNode[] | null;
}

/** Operations between xs and y, the last one first, each with those of its inputs that depend on xs. */
const between = (tape: readonly TapeNode[], xs: readonly tf.Tensor[], y: tf.Tensor) => {
  const reached = new Set(xs.map(({ id }) => id));
  const after = tape.flatMap((node) => {
    const inputs = Object.entries(node.inputs).filter(([, input]) => reached.has(input.id));
    if (inputs.length === 0) return [];
    for (const { id } of node.outputs) reached.add(id);
    return [{ node, inputs }];
  });
  const needed = new Set([y.id]);
  return after.reverse().filter(({ node, inputs }) => {
    if (!node.outputs.some(({ id }) => needed.has(id))) return false;
    for (const [, { id }] of inputs) needed.add(id);
    return true;
  });
};

/**
 * Gradients of ⟨dy, f(xs)⟩ for each of several dy. They are those of `tf.grads(f)(xs, dy)`, which applies f once for every dy,
 * whereas f is applied once here.
 *
 * @example
 * ```ts
 * await tf.setBackend('cpu');
 * const [[first], [second]] = gradientsOfEach((x) => tf.square(x!), [tf.tensor1d([3])], [tf.tensor1d([1]), tf.tensor1d([2])]);
 * [first!.dataSync()[0], second!.dataSync()[0]]; // [6, 12]
 * ```
 * @returns for each dy, the gradients by xs
 * @throws Error where f does not depend on one of xs, or has an operation without a gradient
 * @internal
 */
export const gradientsOfEach = (
  f: (...xs: tf.Tensor[]) => tf.Tensor,
  xs: readonly tf.Tensor[],
  dys: readonly tf.Tensor[],
): readonly (readonly tf.Tensor[])[] =>
  tf.tidy(() => {
    const state = tf.engine().state as unknown as TapeState;
    const isOutermost = state.gradientDepth === 0;
    if (isOutermost) state.activeTape = [];
    const tape = state.activeTape!;
    state.gradientDepth++;
    try {
      let y: tf.Tensor;
      try {
        y = tf.tidy(() => f(...xs));
      } finally {
        state.gradientDepth--;
      }
      const path = between(tape, xs, y);
      return dys.map((dy) =>
        tf.tidy(() => {
          const found = new Map([[y.id, dy]]);
          for (const { node, inputs } of path) {
            if (!node.gradient) throw new Error(`${node.kernelName} has no gradient.`);
            const gradients = node.gradient(node.outputs.map(({ id }) => found.get(id) ?? null));
            for (const [name, { id }] of inputs) {
              const [before, own] = [found.get(id), tf.tidy(gradients[name]!)];
              found.set(id, before ? tf.add(before, own) : own);
              before?.dispose();
            }
          }
          return xs.map(({ id }) => {
            const gradient = found.get(id);
            if (!gradient)
              throw new Error(
                'A function does not depend on one of the tensors by which it is differentiated.',
              );
            return gradient;
          });
        }),
      );
    } finally {
      if (isOutermost) {
        for (const { saved = [] } of tape) for (const tensor of saved) tensor.dispose();
        state.activeTape = null;
      }
    }
  });
