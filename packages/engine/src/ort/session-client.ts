/** Methods of `session-host.js`. */
export type SessionMethod =
  | 'compile'
  | 'forget'
  | 'upload'
  | 'download'
  | 'run'
  | 'runPieces'
  | 'compute'
  | 'reclaim'
  | 'release';

/** Calls the methods of a session host, one after another in the order of the calls. */
export interface SessionClient {
  call<T>(method: SessionMethod, args: readonly unknown[], transfer?: readonly ArrayBuffer[]): Promise<T>;
  /** Calls a method whose answer nobody waits for. */
  post(method: 'forget' | 'release', args: readonly unknown[]): void;
  close(): Promise<void>;
}
