import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

/** A tar file of the given texts. */
export const tarOf = async (files: Readonly<Record<string, string>>): Promise<Buffer> => {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  return buffer(tar);
};
