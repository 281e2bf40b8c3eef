import { type EagerJacobian, eagerJacobian, partKey } from '@ntk-lens/models';

/** The Jacobian of one model, which is computed again for other examples, label words or parameters only: formulas share it. */
export const sharedJacobian = (): typeof eagerJacobian => {
  let known: { readonly key: string; readonly jacobian: EagerJacobian } | undefined;
  return async (model, examples, labelWordIds, wanted = () => true) => {
    const refs = model.stages(labelWordIds).flatMap(({ weights }) => Object.values(weights));
    const key = JSON.stringify([examples, labelWordIds, refs.filter(wanted).map(partKey)]);
    if (known?.key !== key)
      known = { key, jacobian: await eagerJacobian(model, examples, labelWordIds, wanted) };
    return known.jacobian;
  };
};
