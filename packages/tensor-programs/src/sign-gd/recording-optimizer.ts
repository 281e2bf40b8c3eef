import type { Optimizer } from '@ntk-lens/subspace';

/** Name of the state tensor that {@link recordingOptimizer} adds. */
export const RECORDED = 'recorded';

/** The same optimizer, which also keeps the last gradient in its state. */
export const recordingOptimizer = (optimizer: Optimizer): Optimizer => ({
  ...optimizer,
  name: `${optimizer.name}, recording`,
  identity: `${optimizer.identity}, recording`,
  state: [...optimizer.state, RECORDED],
  update: (tensors, scalars, decay) => {
    const { value, state } = optimizer.update(tensors, scalars, decay);
    // An output of a program is no input of it.
    return { value, state: { ...state, [RECORDED]: tensors.gradient.add(0) } };
  },
});
