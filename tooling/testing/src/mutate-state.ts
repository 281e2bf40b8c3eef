import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** The way in which a run of a program ended. */
export interface Ended {
  readonly code: number;
  /** The error that was printed; absent if there was none. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** A directory that a command left, finished or not, and the command that goes on in it or reads it. */
export interface StateScenario {
  readonly name: string;
  /** As the command left it; it is copied, never changed. */
  readonly left: string;
  /** Starts the command again; the directory is a copy of `left`, and damaged. */
  readonly again: (directory: string) => Promise<Ended>;
  /**
   * The part of a file that is compared; undefined for one that people are meant to edit. Default: all of its
   * bytes.
   */
  readonly compared?: (file: string, bytes: Buffer) => string | undefined;
  /** Files that people may edit: results may differ where what the command records of the edited files does. */
  readonly editable?: { readonly files: RegExp; readonly recorded: (directory: string) => Promise<string> };
}

/** One damage that was done, and what came of it. */
export interface Mutation {
  readonly scenario: string;
  readonly file: string;
  readonly how: string;
  /** `recorded`: an edited file led to another result, whose record says so. */
  readonly outcome: 'same' | 'recorded' | 'refused' | 'silent' | 'untyped' | 'hung';
  /** Text of the error; the first file that differs if the outcome is `silent`. */
  readonly detail?: string;
}

/** Outcomes in which nothing wrong was used in silence. */
export const harmless: ReadonlySet<Mutation['outcome']> = new Set(['same', 'recorded', 'refused']);

export interface MutateOptions {
  readonly scenarios: readonly StateScenario[];
  readonly count: number;
  readonly seed: number;
  /** After which a command counts as hung. Default: 3 min, for a machine that does other work, too. */
  readonly milliseconds?: number;
  readonly onMutation?: (mutation: Mutation) => void;
}

/** A generator of numbers in [0, 1): mulberry32. */
const randomFrom = (seed: number) => {
  let state = seed | 0;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

const filesBelow = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();

type Damage = (bytes: Buffer, random: () => number) => Buffer | undefined;

const pick = <T>(items: readonly T[], random: () => number): T => items[Math.floor(random() * items.length)]!;

/** Changes one character at a random place where the pattern finds it. */
const replaceOne =
  (pattern: RegExp, change: (found: string, random: () => number) => string): Damage =>
  (bytes, random) => {
    const text = bytes.toString('latin1');
    const places = [...text.matchAll(pattern)];
    if (places.length === 0) return undefined;
    const { index, 0: found } = pick(places, random);
    const changed = text.slice(0, index) + change(found, random) + text.slice(index + found.length);
    return Buffer.from(changed, 'latin1');
  };

const otherCase = (text: string): string =>
  text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();

/** Ways to damage the bytes of a file; undefined where one does not apply. */
const damages: Readonly<Record<string, Damage>> = {
  'a bit flipped': (bytes, random) => {
    if (bytes.length === 0) return undefined;
    const changed = Buffer.from(bytes);
    changed[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
    return changed;
  },
  truncated: (bytes, random) =>
    bytes.length === 0 ? undefined : bytes.subarray(0, Math.floor(random() * bytes.length)),
  emptied: (bytes) => (bytes.length === 0 ? undefined : Buffer.alloc(0)),
  'a digit changed': replaceOne(/\d/g, (digit, random) =>
    String((Number(digit) + 1 + Math.floor(random() * 9)) % 10),
  ),
  'the case of a key changed': replaceOne(/(?<=")[^"\\]*[A-Za-z][^"\\]*(?="\s*:)/g, (key, random) => {
    const places = [...key.matchAll(/[A-Za-z]/g)];
    const { index, 0: letter } = pick(places, random);
    return key.slice(0, index) + otherCase(letter) + key.slice(index + 1);
  }),
};

/** Exchanges a file with another one of the same kind; @returns the other's name, if there is one */
const swap = async (directory: string, file: string, files: readonly string[], random: () => number) => {
  const kind = (name: string) => name.replace(/^.*\//, '').replace(/\d+/g, '#').replace(/^.*\./, '.');
  const siblings = files.filter((name) => name !== file && kind(name) === kind(file));
  if (siblings.length === 0) return undefined;
  const other = pick(siblings, random);
  const aside = join(directory, `${file}.aside`);
  await rename(join(directory, file), aside);
  await rename(join(directory, other), join(directory, file));
  await rename(aside, join(directory, other));
  return other;
};

const hung = Symbol('hung');

const within = async <T>(work: Promise<T>, milliseconds: number): Promise<T | typeof hung> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof hung>((resolve) => {
    timer = setTimeout(() => resolve(hung), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

type Contents = ReadonlyMap<string, string>;

const bytesOf = (_file: string, bytes: Buffer): string => bytes.toString('base64');

const contentsOf = async (directory: string, { compared = bytesOf }: StateScenario): Promise<Contents> => {
  const contents = new Map<string, string>();
  for (const name of await filesBelow(directory)) {
    const content = compared(name, await readFile(join(directory, name)));
    if (content !== undefined) contents.set(name, content);
  }
  return contents;
};

/** Result of a scenario without damage. */
interface Expected {
  readonly contents: Contents;
  readonly recorded: string | undefined;
}

/** The first file in which two directories differ. */
const differenceOf = (found: Contents, expected: Contents): string | undefined =>
  [...new Set([...expected.keys(), ...found.keys()])].find((name) => found.get(name) !== expected.get(name));

const isTyped = (code: string): boolean => /^[A-Z][A-Z\d_]*$/.test(code) && code !== 'UNEXPECTED';
const isSystem = (code: string): boolean => /^E[A-Z]+$/.test(code) || code.startsWith('ERR_');

const outcomeOf = async (
  ended: Ended | typeof hung,
  difference: () => Promise<string | undefined>,
  isRecorded: () => Promise<boolean>,
): Promise<Pick<Mutation, 'outcome' | 'detail'>> => {
  if (ended === hung) return { outcome: 'hung' };
  if (ended.code === 0) {
    const file = await difference();
    if (file === undefined) return { outcome: 'same' };
    return { outcome: (await isRecorded()) ? 'recorded' : 'silent', detail: `${file} differs` };
  }
  const { code = 'UNEXPECTED', message = '' } = ended.error ?? {};
  const detail = `${code}: ${message}`;
  return { outcome: isTyped(code) && !isSystem(code) ? 'refused' : 'untyped', detail };
};

/**
 * Damages what commands left and starts them again. The result is to be the bytes that undamaged work ends with, or an error
 * of the program: every other outcome is a fault.
 *
 * @returns every damage that was done, with its outcome
 */
export const mutateState = async ({
  scenarios,
  count,
  seed,
  milliseconds = 180_000,
  onMutation,
}: MutateOptions): Promise<readonly Mutation[]> => {
  const random = randomFrom(seed);
  const parent = await mkdtemp(join(tmpdir(), 'ntk-lens-mutate-'));
  const copyOf = async ({ left }: StateScenario) => {
    const copy = join(parent, 'copy');
    await rm(copy, { recursive: true, force: true });
    await cp(left, copy, { recursive: true });
    return copy;
  };
  const expected = new Map<StateScenario, Expected>();
  const mutations: Mutation[] = [];
  try {
    for (const scenario of scenarios) {
      const copy = await copyOf(scenario);
      const ended = await scenario.again(copy);
      if (ended.code !== 0)
        throw new Error(`${scenario.name} fails undamaged: ${JSON.stringify(ended.error)}`);
      const recorded = await scenario.editable?.recorded(copy);
      expected.set(scenario, { contents: await contentsOf(copy, scenario), recorded });
    }
    for (let turn = 0; mutations.length < count; turn++) {
      const scenario = scenarios[turn % scenarios.length]!;
      const copy = await copyOf(scenario);
      const files = await filesBelow(copy);
      const file = pick(files, random);
      const damaged = [file];
      let how = pick([...Object.keys(damages), 'exchanged'], random);
      if (how === 'exchanged') {
        const other = await swap(copy, file, files, random);
        if (other === undefined) continue;
        damaged.push(other);
        how = `exchanged with ${other}`;
      } else {
        const bytes = await readFile(join(copy, file));
        const changed = damages[how]!(bytes, random);
        if (changed === undefined || changed.equals(bytes)) continue;
        await writeFile(join(copy, file), changed);
      }
      const ended = await within(scenario.again(copy), milliseconds);
      const { contents, recorded } = expected.get(scenario)!;
      const { editable } = scenario;
      const outcome = await outcomeOf(
        ended,
        async () => differenceOf(await contentsOf(copy, scenario), contents),
        async () =>
          editable !== undefined &&
          damaged.every((name) => editable.files.test(name)) &&
          (await editable.recorded(copy)) !== recorded,
      );
      const mutation = { scenario: scenario.name, file, how, ...outcome };
      mutations.push(mutation);
      onMutation?.(mutation);
    }
    return mutations;
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
};
