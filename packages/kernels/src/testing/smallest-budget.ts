import { computeKernels } from '../compute-kernels.js';
import { MemoryBudgetError } from '../errors.js';
import type { KernelRequest } from '../request/kernel-request.js';

/** The smallest memory budget, in bytes, that a request can be computed with: about one row and one column at a time. */
export const smallestBudget = (request: KernelRequest): Promise<number> =>
  computeKernels({ ...request, memory: 1 }).then(
    () => Number.NaN,
    (error: unknown) => {
      if (error instanceof MemoryBudgetError) return error.smallest;
      throw error;
    },
  );
