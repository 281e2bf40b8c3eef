import { linearSites, rowsOf, type Stage, wordSites } from '@ntk-lens/models';
import type { KernelRequest } from '../request/kernel-request.js';

/** The kernel to multiply with: a request as that of `computeKernels`, of a linear formula. */
export interface OperatorRequest extends Omit<KernelRequest, 'rates' | 'store'> {
  /** Examples that run together, at most. Default: 512; narrow models run more tokens together than wide ones. */
  readonly batchSize?: number;
  /** Budget in bytes for everything, weights included; default 4 GiB. Neither K nor J takes part in it: they are never held. */
  readonly memory?: number;
}

export const DEFAULT_OPERATOR_BATCH = 512;

/** Name under which gradients are added: a decoder that counts as the word embeddings has their name. */
export const nameOf = (
  stages: readonly Stage[],
  { tied = false }: Pick<OperatorRequest, 'tied'>,
): ((parameter: string) => string) => {
  const [words] = stages.flatMap(({ sites }) => wordSites(sites));
  const decoder = stages
    .flatMap(({ sites }) => linearSites(sites))
    .find(({ weight }) => rowsOf(weight) !== undefined);
  const [from, to] = [decoder?.weight.name, words?.table.name];
  return (parameter) => (tied && to !== undefined && parameter === from ? to : parameter);
};
