import { readFileSync } from 'node:fs';
import { sha256 as newSha256 } from '@ntk-lens/core';
import { AdapterConfigError } from '../../peft/errors.js';
import type { ParameterSpace } from '../../space.js';
import { formatSpec, type SpaceSyntax } from '../../syntax/space-syntax.js';
import { adapterPaths } from './adapter-paths.js';
import { readAdapter } from './read-adapter.js';

/** Identifies the adapter in a directory: the start of the SHA-256 of both files. */
const hashOf = (directory: string): string => {
  const hash = newSha256();
  const { config, weights } = adapterPaths(directory);
  for (const file of [config, weights]) {
    try {
      hash.update(readFileSync(file));
    } catch (cause) {
      throw new AdapterConfigError(file, 'a file that cannot be read', 'a file of a PEFT adapter', { cause });
    }
  }
  return hash.hex().slice(0, 16);
};

/**
 * The space of a PEFT adapter, starting at the adapter instead of at random: kernels are taken there, and fine-tuning
 * goes on from there. `sha256` is the start of the hash that `spec` names; another adapter in the directory is refused.
 *
 * @example
 * ```ts
 * const tuned = await adapterSpace({ directory: 'my-adapter' }).apply(model);
 * const { train } = await computeKernels({ ...request, ...tuned.kernel, formula: 'sgd' });
 * ```
 * @throws AdapterConfigError where the directory holds no adapter, or another one
 */
export const adapterSpace = ({
  directory,
  sha256,
}: {
  readonly directory: string;
  readonly sha256?: string;
}): ParameterSpace => {
  const found = hashOf(directory);
  if (sha256 !== undefined && sha256 !== found)
    throw new AdapterConfigError(directory, `an adapter with sha256 ${found}…`, `${sha256}…`);
  return {
    spec: formatSpec('adapter', { dir: directory, sha256: found }),
    apply: (model) => readAdapter(directory, model),
  };
};

export const adapterSyntax: SpaceSyntax = {
  name: 'adapter',
  usage: 'adapter:DIR',
  summary: 'a PEFT adapter, from where it is',
  first: 'dir',
  parse: (args) => {
    const [directory, sha256] = [args.required('dir', args.text('dir')), args.text('sha256')];
    return adapterSpace({ directory, sha256 });
  },
};
