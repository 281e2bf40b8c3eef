import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileHash, sha256, writeWhole } from '@ntk-lens/core';
import { MissingSdkError, StoreAddressError, StoreError } from '../store-errors.js';

const SDK = '@aws-sdk/client-s3';

/** Times that a transfer is tried. */
const TRIES = 4;

/** A place in a store. */
export interface StorePlace {
  /** `s3://bucket/prefix`. */
  readonly url: string;
  /** Address of the server. Default: AWS_ENDPOINT_URL, or that of Amazon. */
  readonly endpoint?: string;
}

/** A file of a store, which is known by its content. */
export interface StoredFile {
  /** Path in a directory, with slashes. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Objects below a place of a store. */
export interface ObjectStore {
  readonly shown: string;
  /** The text of an object; undefined where there is none. */
  getText(key: string): Promise<string | undefined>;
  putText(key: string, text: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** True where the content of a file is there, by its name and length. */
  has(file: StoredFile): Promise<boolean>;
  /** Uploads a file of a directory whole, under its hash, which the server compares. */
  upload(directory: string, name: string): Promise<StoredFile>;
  /** Downloads a file into a directory; false where it is not there, or is not what its hash says. */
  download(directory: string, file: StoredFile): Promise<boolean>;
}

/** @throws StoreAddressError, MissingSdkError */
export const openObjects = async ({ url, endpoint }: StorePlace): Promise<ObjectStore> => {
  const [, bucket, prefix = ''] = /^s3:\/\/([\w.-]+)(?:\/([^?#]*))?$/.exec(url) ?? [];
  if (bucket === undefined) throw new StoreAddressError(url);
  const shown = `s3://${bucket}/${prefix}`;
  const sdk = loadSdk();
  const { env } = process;
  const own = endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  const client = new sdk.S3Client({
    ...(own === undefined
      ? {}
      : {
          ...{ endpoint: own, forcePathStyle: true },
          region: env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
        }),
    // Other stores know no checksums that are not asked for.
    ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
  });
  const at = (key: string) => ({
    Bucket: bucket,
    Key: `${prefix.replace(/\/*$/, '/').replace(/^\//, '')}${key}`,
  });
  const contentOf = (hash: string) => at(`sha256/${hash}`);
  /** Tries again what does not say that an object is absent. */
  const ask = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (cause) {
        const { name, message, $metadata } = cause as Error & { $metadata?: { httpStatusCode?: number } };
        const status = $metadata?.httpStatusCode;
        if (name === 'NoSuchKey' || name === 'NotFound') return undefined;
        const hopeless = status !== undefined && status >= 400 && status < 500 && status !== 429;
        if (hopeless || attempt === TRIES)
          throw new StoreError(`${what} in ${shown}`, message || name, { cause });
        await new Promise((resolve) => setTimeout(resolve, 200 * 4 ** attempt));
      }
    }
  };
  return {
    shown,
    getText: (key) =>
      ask(`Reading ${key}`, async () =>
        (await client.send(new sdk.GetObjectCommand(at(key)))).Body?.transformToString(),
      ),
    putText: async (key, text) => {
      await ask(`Writing ${key}`, () => client.send(new sdk.PutObjectCommand({ ...at(key), Body: text })));
    },
    remove: async (key) => {
      await ask(`Removing ${key}`, () => client.send(new sdk.DeleteObjectCommand(at(key))));
    },
    has: async ({ name, bytes, sha256: hash }) => {
      const head = new sdk.HeadObjectCommand(contentOf(hash));
      return (await ask(`Looking at ${name}`, () => client.send(head)))?.ContentLength === bytes;
    },
    upload: async (directory, name) => {
      const path = join(directory, name);
      const file = { name, bytes: (await stat(path)).size, sha256: await fileHash(path) };
      const head = new sdk.HeadObjectCommand(contentOf(file.sha256));
      const known = await ask(`Looking at ${name}`, () => client.send(head));
      if (known?.ContentLength !== file.bytes)
        await ask(`Uploading ${name}`, () =>
          client.send(
            new sdk.PutObjectCommand({
              ...contentOf(file.sha256),
              ...{ Body: createReadStream(path), ContentLength: file.bytes },
              ChecksumSHA256: Buffer.from(file.sha256, 'hex').toString('base64'),
            }),
          ),
        );
      return file;
    },
    download: async (directory, file) => {
      const found = await ask(`Downloading ${file.name}`, async () => {
        const { Body } = await client.send(new sdk.GetObjectCommand(contentOf(file.sha256)));
        const sum = sha256();
        try {
          await writeWhole(join(directory, file.name), async (append) => {
            for await (const bytes of Body as AsyncIterable<Uint8Array>) {
              sum.update(bytes);
              await append(bytes);
            }
            if (sum.hex() !== file.sha256) throw new OtherContent();
          });
          return true;
        } catch (error) {
          if (error instanceof OtherContent) return false;
          throw error;
        }
      });
      return found === true;
    },
  };
};

/** The SDK, as Node finds it: the modules that the package has for bundlers do not run in Node. */
const loadSdk = (): typeof import('@aws-sdk/client-s3') => {
  try {
    return createRequire(import.meta.url)(SDK);
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND';
    throw missing ? new MissingSdkError(SDK, { cause }) : cause;
  }
};

/** The content of an object does not have the hash that it is stored under. */
class OtherContent extends Error {}
