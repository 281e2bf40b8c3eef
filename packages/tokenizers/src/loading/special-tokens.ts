import type { SpecialTokens } from '@ntk-lens/core';
import type { JsonReader } from '../json-reader.js';

export const ROLES = ['cls', 'sep', 'mask', 'pad', 'unk', 'bos', 'eos'] as const;
export type Role = (typeof ROLES)[number];

/** A special token as a configuration file declares it. */
export interface DeclaredToken {
  readonly content: string;
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
  readonly singleWord?: boolean;
  readonly normalized?: boolean;
}

const readToken = (reader: JsonReader): DeclaredToken | undefined => {
  if (reader.missing || reader.value === '') return undefined;
  if (typeof reader.value === 'string') return { content: reader.string() };
  return {
    content: reader.get('content').string(),
    lstrip: reader.get('lstrip').boolean(false),
    rstrip: reader.get('rstrip').boolean(false),
    singleWord: reader.get('single_word').boolean(false),
    normalized: reader.get('normalized').boolean(false),
  };
};

/** The tokens that tokenizer_config.json declares by role, else special_tokens_map.json. */
export const declaredTokens = (config: JsonReader, map: JsonReader): ReadonlyMap<Role, DeclaredToken> => {
  const declared = new Map<Role, DeclaredToken>();
  for (const role of ROLES) {
    const token = readToken(config.get(`${role}_token`)) ?? readToken(map.get(`${role}_token`));
    if (token !== undefined) declared.set(role, token);
  }
  return declared;
};

/** Special tokens without a role, from the same two files; `extra_special_tokens` may also be an object of them. */
export const additionalTokens = (config: JsonReader, map: JsonReader): readonly DeclaredToken[] =>
  ['additional_special_tokens', 'extra_special_tokens'].flatMap((key) => {
    const list = [config.get(key), map.get(key)].find((reader) => !reader.missing);
    if (list === undefined) return [];
    const tokens = Array.isArray(list.value)
      ? list.items()
      : Object.keys(list.object()).map((name) => list.get(name));
    return tokens.flatMap((token) => readToken(token) ?? []);
  });

const USUAL: Readonly<Record<keyof SpecialTokens, readonly string[]>> = {
  cls: ['[CLS]', '<s>', '<|endoftext|>'],
  sep: ['[SEP]', '</s>', '<|endoftext|>'],
  mask: ['[MASK]', '<mask>'],
  pad: ['[PAD]', '<pad>', '<|endoftext|>'],
  unk: ['[UNK]', '<unk>', '<|endoftext|>'],
};

/**
 * Ids by role: as declared, else by the usual names, else -1 (GPT-2 has no mask). `bos` and `eos` stand in for
 * `cls` and `sep`.
 */
export const resolveSpecialTokens = (
  declared: ReadonlyMap<Role, DeclaredToken>,
  idOf: (token: string) => number | undefined,
  unknown: string | undefined,
): SpecialTokens => {
  const resolve = (role: keyof SpecialTokens, standIn?: Role): number => {
    const names = [declared.get(role)?.content, standIn && declared.get(standIn)?.content];
    if (role === 'unk') names.push(unknown);
    for (const name of [...names, ...USUAL[role]]) {
      const id = name === undefined ? undefined : idOf(name);
      if (id !== undefined) return id;
    }
    return -1;
  };
  return {
    cls: resolve('cls', 'bos'),
    sep: resolve('sep', 'eos'),
    mask: resolve('mask'),
    pad: resolve('pad'),
    unk: resolve('unk'),
  };
};
