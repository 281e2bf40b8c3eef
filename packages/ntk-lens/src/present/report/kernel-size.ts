/** Entries of the heat maps of a page with several kernels, which stays below 3 MB with them. */
const MOST_ENTRIES = 400_000;

/** Kernels whose heat maps one page shows. */
export const MOST_KERNELS = 24;

/** Most rows and columns of each of some kernels with two heat maps each; more are averaged. */
export const mostOf = (kernels: number): number =>
  kernels <= 1
    ? 512
    : Math.min(512, Math.floor(Math.sqrt(MOST_ENTRIES / (2 * Math.min(MOST_KERNELS, kernels)))));
