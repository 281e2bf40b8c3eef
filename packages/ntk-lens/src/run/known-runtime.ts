import { BadArgumentError } from '@ntk-lens/core';
import type { RuntimeName } from '@ntk-lens/engine';

/** @throws BadArgumentError, which lists the runtimes */
export const knownRuntime = async (name: string): Promise<RuntimeName | 'auto'> => {
  const { runtimeNames } = await import('@ntk-lens/engine');
  const known = (['auto', ...runtimeNames] as const).find((other) => other === name);
  if (known === undefined) throw new BadArgumentError('--runtime', name, `auto, ${runtimeNames.join(', ')}`);
  return known;
};
