import { readFile } from 'node:fs/promises';
import { writeSealedJson } from '@ntk-lens/core';

/** Changes a file that carries its own hash, as another program that knows how would leave it. */
export const editSealed = async (
  file: string,
  edit: (content: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> => {
  const { sha256: _, ...content } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeSealedJson(file, edit(content));
};
