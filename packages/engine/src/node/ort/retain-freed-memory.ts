import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

// Parameters of mallopt(3).
const M_TRIM_THRESHOLD = -1;
const M_TOP_PAD = -2;
const M_MMAP_THRESHOLD = -3;

/** Free bytes at the end of a heap that are kept, and bytes by which a heap may be empty and stay. */
const KEPT = 2 ** 30;
const PAD = 64 * 2 ** 20;
/** From here on a block has pages of its own, which are always given back; the largest that mallopt takes. */
const OWN_PAGES = 32 * 2 ** 20;
/** glibc's value at the start. */
const DEFAULT = 128 * 2 ** 10;

interface Koffi {
  load(library: null): { func(declaration: string): unknown };
}

type Mallopt = (parameter: number, value: number) => number;
interface Malloc {
  readonly mallopt: Mallopt;
  readonly trim: (pad: number) => number;
}

/** Freed memory that is kept for its next use. */
export interface RetainedMemory {
  /** Gives what is free now back to the system, and goes on to keep. */
  giveBack(): void;
  /** The same, and keeps no more once all who asked have called it. */
  end(): void;
}

let malloc: { readonly found: Malloc | undefined } | undefined;
let users = 0;

/**
 * Keeps memory that ONNX Runtime frees after a program for the next one. By default glibc gives tens of MiB back to the
 * system after every run and asks for new pages in the next, which is slow on virtual machines. It is a setting of the
 * whole process. Nothing happens where the C library is another one, koffi has no package for this platform, or the
 * environment says how glibc should manage memory.
 *
 */
export const retainFreedMemory = (): RetainedMemory => {
  malloc ??= { found: findMalloc() };
  const { found } = malloc;
  if (!found) return { giveBack: () => {}, end: () => {} };
  users++;
  found.mallopt(M_MMAP_THRESHOLD, OWN_PAGES);
  found.mallopt(M_TRIM_THRESHOLD, KEPT);
  found.mallopt(M_TOP_PAD, PAD);
  let asked = true;
  return {
    giveBack: () => {
      found.trim(0);
    },
    end: () => {
      if (asked && --users === 0) {
        found.mallopt(M_TRIM_THRESHOLD, DEFAULT);
        found.mallopt(M_TOP_PAD, DEFAULT);
        found.trim(0);
      }
      asked = false;
    },
  };
};

/** Settings of malloc in the environment that this would override. */
const isDecided = (environment: NodeJS.ProcessEnv): boolean =>
  ['MALLOC_TRIM_THRESHOLD_', 'MALLOC_TOP_PAD_', 'MALLOC_MMAP_THRESHOLD_'].some(
    (name) => name in environment,
  ) || (environment['GLIBC_TUNABLES'] ?? '').includes('glibc.malloc.');

const findMalloc = (): Malloc | undefined => {
  if (process.platform !== 'linux' || isDecided(process.env)) return undefined;
  try {
    // The package `koffi` itself has an install script, which its packages for platforms do without.
    const library = (require(`@koromix/koffi-linux-${process.arch}`) as Koffi).load(null);
    return {
      mallopt: library.func('int mallopt(int, int)') as Mallopt,
      trim: library.func('int malloc_trim(size_t)') as Malloc['trim'],
    };
  } catch {
    // No koffi for this machine, or a C library without mallopt.
    return undefined;
  }
};
