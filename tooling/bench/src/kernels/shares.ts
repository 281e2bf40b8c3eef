import type { Program, Runtime } from '@ntk-lens/engine';
import type { OurRun } from './bench-runs.js';

/** Parts of a kernel's time, by the programs that run in it. */
const parts = {
  products: /gram/,
  packing: /^(pack|join|take|sum)/,
  factors: /factors|backward/,
  forward: /forward/,
} as const;

export type Shares = Readonly<Record<keyof typeof parts | 'other' | 'idle', number>>;

/** Seconds that a runtime spends in each part; programs run one after the other, in the order in which they are asked for. */
export class ShareClock {
  readonly #seconds = new Map<string, number>();
  #free = 0;

  /** The runtime with the clock around its runs. */
  around(runtime: Runtime): Runtime {
    const timed =
      (method: 'run' | 'compute') =>
      async (program: Program, inputs: Parameters<Runtime['run']>[1]): Promise<never> => {
        const asked = performance.now();
        const results = await runtime[method](program, inputs);
        const ended = performance.now();
        this.#add(program.name, ended - Math.max(asked, this.#free));
        this.#free = ended;
        return results as never;
      };
    const own = { run: timed('run'), compute: timed('compute') };
    return new Proxy(runtime, {
      get: (target, name) => {
        if (name === 'run' || name === 'compute') return own[name];
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #add(program: string, milliseconds: number): void {
    const part = Object.entries(parts).find(([, names]) => names.test(program))?.[0] ?? 'other';
    this.#seconds.set(part, (this.#seconds.get(part) ?? 0) + milliseconds / 1000);
  }

  /** @param total seconds of the whole; what no program took is idle */
  shares(total: number): Shares {
    const seconds = Object.fromEntries(
      [...Object.keys(parts), 'other'].map((part) => [part, this.#seconds.get(part) ?? 0]),
    );
    const busy = Object.values(seconds).reduce((sum, own) => sum + own, 0);
    return { ...seconds, idle: Math.max(0, total - busy) } as Shares;
  }
}

/** Parts in words, the largest first, and the share of the processors that was busy. */
export const sharesOf = ({ shares, seconds, kernel_cpu_seconds: cpu, threads }: OurRun): string => {
  const total = Object.values(shares).reduce((sum, own) => sum + own, 0);
  const named = Object.entries(shares)
    .toSorted(([, a], [, b]) => b - a)
    .map(([part, own]) => `${part} ${own.toFixed(1)} s (${((100 * own) / total).toFixed(0)} %)`);
  return `${named.join(', ')}; processors busy ${((100 * cpu) / (threads * seconds)).toFixed(0)} %`;
};
