import { type EncodedExample, ndarray, type SplitName, type Tokenizer } from '@ntk-lens/core';
import type { KernelRequest, LoadedModel, OpenedModel } from '../run/model/opened-model.js';

const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const special = { pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 };
const split = (text: string): string[] => text.toLowerCase().match(/[a-z]+|[^\sa-z]/g) ?? [];

/** Ids must not depend on what was tokenized before. */
const hashOf = (word: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return specials.length + ((hash >>> 0) % 1_000_000);
};

/** Whole words as tokens. */
const wordTokenizer = (): Tokenizer => {
  const words = new Map(specials.map((word, id) => [id, word]));
  const idOf = (word: string): number => {
    const id = hashOf(word);
    words.set(id, word);
    return id;
  };
  return {
    encode: (text) => split(text).map(idOf),
    decode: (tokens) => tokens.map((id) => words.get(id) ?? '').join(' '),
    tokenToId: (token) => (specials.includes(token) ? specials.indexOf(token) : hashOf(token)),
    idToToken: (id) => words.get(id),
    special,
    vocabularySize: 1_000_000 + specials.length,
  };
};

const featuresOf = ({ inputIds }: EncodedExample): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const id of inputIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};
const inner = (a: Map<number, number>, b: Map<number, number>): number => {
  let sum = 0;
  for (const [id, count] of a) sum += count * (b.get(id) ?? 0);
  return sum;
};

/** Logit c, as the kernels' f₀ has it. */
const logitsOf = (examples: readonly EncodedExample[], ids: readonly number[]) => {
  const data = new Float64Array(examples.length * ids.length);
  for (const [j, example] of examples.entries()) {
    for (let c = 0; c < ids.length; c++) {
      for (const [id, count] of featuresOf(example))
        data[j * ids.length + c]! += count * Math.sin(id * (c + 1));
    }
  }
  return ndarray<'float64'>(data, [examples.length, ids.length]);
};

export interface WordModelLog {
  /** How often kernels were computed. */
  computed: number;
  loaded: number;
}

/**
 * A real, tiny model: logit c is w_c · (counts of words), w_c fixed. Its gradient kernel is exact:
 * K(x, c, x', c') = δ_cc' ⟨x, x'⟩, and in binary mode 2⟨x, x'⟩.
 */
export const wordModel = (log: WordModelLog = { computed: 0, loaded: 0 }, hash = 'words-1'): OpenedModel => {
  const compute = (request: KernelRequest) => {
    const { examples, labelWordIds, binary } = request;
    const outputs = binary ? 1 : labelWordIds.length;
    const rows = examples.train.map(featuresOf);
    const kernels = (queries: readonly EncodedExample[]) => {
      const columns = queries.map(featuresOf);
      const kernel = new Float64Array(rows.length * outputs * columns.length * outputs);
      const logits = new Float64Array(columns.length * outputs);
      for (const [j, column] of columns.entries()) {
        for (let c = 0; c < outputs; c++) {
          for (const [id, count] of column) logits[j * outputs + c]! += count * Math.sin(id * (c + 1));
          for (const [i, row] of rows.entries()) {
            kernel[((i * outputs + c) * columns.length + j) * outputs + c] =
              inner(row, column) * (binary ? 2 : 1);
          }
        }
      }
      return {
        kernel: ndarray<'float64'>(kernel, [rows.length, outputs, columns.length, outputs]),
        logits: ndarray<'float64'>(logits, [columns.length, outputs]),
      };
    };
    return {
      train: kernels(examples.train),
      dev: kernels(examples.dev),
      test: kernels(examples.test),
    } satisfies Record<SplitName, unknown>;
  };
  const loaded: LoadedModel = {
    hash,
    parameters: 1000,
    computeKernels: async (request, { signal, onProgress }) => {
      signal?.throwIfAborted();
      log.computed++;
      onProgress?.({ phase: 'kernel', done: 1, total: 1 });
      const runtime = { runtime: 'words', version: '1', dtype: 'float64', threads: 1, reason: 'a test' };
      return { splits: compute(request), runtime };
    },
    forward: {
      logits: async (examples, ids) => logitsOf(examples, ids),
      logProbabilities: async (examples, ids) => logitsOf(examples, ids),
      states: async (examples) =>
        ndarray<'float64'>(
          Float64Array.from(
            examples.flatMap(({ inputIds }) => [inputIds.length, Math.sin(inputIds[1] ?? 0)]),
          ),
          [examples.length, 2],
        ),
    },
    close: async () => {},
  };
  return {
    name: 'words',
    directory: 'words',
    tokenizer: wordTokenizer(),
    maxTokens: 128,
    objective: 'masked',
    load: async () => {
      log.loaded++;
      return loaded;
    },
  };
};
