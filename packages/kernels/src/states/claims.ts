/** Lets processes that share states agree on who computes which share. */
export interface StateClaims {
  /**
   * Says that this process computes a share.
   *
   * @returns ends that; undefined while another process computes the share
   */
  claim(share: number): Promise<(() => Promise<void>) | undefined>;
}

/** Claims of a process that works by itself. */
export const ownClaims: StateClaims = { claim: async () => async () => {} };
