import { cpus, loadavg } from 'node:os';
import { createRuntime, type RuntimeOptions } from '@ntk-lens/engine';
import type { PythonInfo } from '../peers/python.js';

/** The machine and the libraries without which a figure says nothing. */
export interface Surroundings {
  readonly processor: string;
  readonly threads?: number;
  readonly load: number;
  readonly node: string;
  /** Library and version of our side. */
  readonly engine?: string;
  readonly peers?: PythonInfo;
  readonly command: string;
}

export interface Surrounded {
  /** A bench that has none leaves them out. */
  readonly threads?: number;
  /** The runtime of our side, `auto` where the program chooses it; none where nothing is computed on one. */
  readonly runtime?: RuntimeOptions['runtime'];
  readonly peers?: PythonInfo;
}

/** Prints the processor, versions of both sides, and the command; returns them for a file of figures. */
export const printHeading = async ({ threads, runtime, peers }: Surrounded): Promise<Surroundings> => {
  const opened = runtime && (await createRuntime({ runtime, threads }));
  const engine = opened?.info.version;
  await opened?.close();
  const surroundings: Surroundings = {
    processor: cpus()[0]?.model.trim() ?? 'an unknown processor',
    threads,
    load: loadavg()[0]!,
    node: process.version,
    engine,
    peers,
    command: ['pnpm bench', ...process.argv.slice(2)].join(' '),
  };
  const { processor, load, node, command } = surroundings;
  const cores = threads === undefined ? `${cpus().length} cores` : `${threads} of ${cpus().length} cores`;
  console.log(`${processor}, ${cores}, load ${load.toFixed(1)}; Node ${node}`);
  if (engine !== undefined) console.log(`ours: ${engine}`);
  if (peers !== undefined) console.log(`peers: ${versionsOf(peers)}`);
  console.log(`${command}\n`);
  return surroundings;
};

const versionsOf = ({ python, packages, products }: PythonInfo): string =>
  [
    `Python ${python}`,
    ...Object.entries(packages).map(([name, version]) =>
      products[name] === undefined ? `${name} ${version}` : `${name} ${version} (${products[name]})`,
    ),
  ].join(', ');
