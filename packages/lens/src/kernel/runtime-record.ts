/** The runtime that computed a kernel. */
export interface RuntimeRecord {
  readonly runtime: string;
  readonly version: string;
  readonly dtype: string;
  readonly threads: number;
  readonly reason: string;
  /** The fit of the linear-probe head, if there is one. */
  readonly probe?: { readonly penaltyC: number; readonly warnings: readonly string[] };
}
