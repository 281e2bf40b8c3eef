import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, OLD_WEIGHTS_FILE, WEIGHTS_FILE } from '../../peft/adapter-config.js';
import { AdapterConfigError } from '../../peft/errors.js';

/**
 * The two files of an adapter's directory; of two kinds of weights, safetensors, as PEFT chooses.
 *
 * @throws AdapterConfigError where one of them is absent
 */
export const adapterPaths = (directory: string): { readonly config: string; readonly weights: string } => {
  const find = (...names: readonly string[]): string => {
    const found = names.map((name) => join(directory, name)).find(existsSync);
    if (found) return found;
    throw new AdapterConfigError(directory, `no ${names.join(' or ')}`, 'the directory of a PEFT adapter');
  };
  return { config: find(CONFIG_FILE), weights: find(WEIGHTS_FILE, OLD_WEIGHTS_FILE) };
};
