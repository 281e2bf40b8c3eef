import { spawnSync } from 'node:child_process';

/** Namespaces of mounts, processes, host names and IPC, so that processes see of each other what machines do: files they share. */
const unshare = ['unshare', '--mount', '--pid', '--uts', '--ipc', '--fork', '--mount-proc'] as const;

/** True where this process may make namespaces. */
export const hasNamespaces = (): boolean => spawnSync(unshare[0], [...unshare.slice(1), 'true']).status === 0;

/** A command line that runs another one as a host of its own. */
export const inNamespace = (host: string, command: readonly string[]): readonly string[] => [
  ...unshare,
  ...['sh', '-c', 'hostname "$0" && exec "$@"', host, ...command],
];
