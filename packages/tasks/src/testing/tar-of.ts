import { packTar } from 'modern-tar';

/** A tar file of the given texts. */
export const tarOf = async (files: Readonly<Record<string, string>>): Promise<Buffer> =>
  Buffer.from(
    await packTar(
      Object.entries(files).map(([name, text]) => ({
        header: { name, size: Buffer.byteLength(text) },
        body: text,
      })),
    ),
  );
