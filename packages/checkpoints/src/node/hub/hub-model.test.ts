import { commit } from '@ntk-lens/testing/hub-server';
import { expect, it } from 'vitest';
import {
  DownloadMismatchError,
  HubEntryNotFoundError,
  HubProtocolError,
  ModelNotFoundError,
} from '../../hub/errors.js';
import { hubModel } from '../../hub/hub-model.js';
import { safetensorsFrom } from '../../safetensors/safetensors-from.js';
import { extras, failing, filesIn, hub, hubForEachTest, id } from './testing/setup.js';

hubForEachTest();

const open = (name = id, revision?: string) =>
  hubModel(name, { endpoint: hub.endpoint, backoff: 1, attempts: 2, revision });

it('gives the bytes of large and of small files', async () => {
  const model = await open();
  expect(model).toMatchObject({ id, commit });
  for (const [name, bytes] of filesIn('tiny-bert')) {
    expect(model.files.get(name)).toBe(bytes.length);
    expect(Buffer.from(await model.fetch(name)).equals(bytes)).toBe(true);
  }
  const weights = await safetensorsFrom(await model.fetch('model.safetensors'));
  for (const name of weights.names) await weights.read(name);
});

it('goes on where a connection ended', async () => {
  const model = await open();
  const bytes = filesIn('tiny-bert').get('config.json')!;
  failing(
    /config\.json/,
    (response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 20), () => response.destroy());
    },
    1,
  );
  expect(Buffer.from(await model.fetch('config.json')).equals(bytes)).toBe(true);
  expect(hub.requests.at(-1)).toMatch(/bytes=20-/);
});

it('refuses bytes with another checksum', async () => {
  const model = await open();
  const bytes = filesIn('tiny-bert').get('config.json')!;
  failing(/config\.json/, (response) => response.writeHead(200).end(Buffer.alloc(bytes.length)));
  await expect(model.fetch('config.json')).rejects.toBeInstanceOf(DownloadMismatchError);
});

it('names what is not there', async () => {
  await expect(open('no--id')).rejects.toBeInstanceOf(ModelNotFoundError);
  await expect(open('some-org/other')).rejects.toBeInstanceOf(ModelNotFoundError);
  await expect(open(id, 'v9')).rejects.toBeInstanceOf(HubEntryNotFoundError);
  await expect((await open()).fetch('vocab.json')).rejects.toBeInstanceOf(HubEntryNotFoundError);
});

it('follows a listing over its pages', async () => {
  const entry = { type: 'file', path: 'first.txt', size: 1, oid: commit };
  const link = `<${hub.endpoint}/api/models/${id}/tree/${commit}?cursor=2>; rel="next"`;
  failing(/tree/, (response) => response.writeHead(200, { link }).end(JSON.stringify([entry])), 1);
  const { files } = await open();
  expect([...files.keys()]).toEqual(['first.txt', ...filesIn('tiny-bert').keys(), ...Object.keys(extras)]);
});

it('refuses a file that is listed with more bytes than an array holds', async () => {
  const entry = { type: 'file', path: 'config.json', size: 2 ** 53 - 1, oid: commit };
  failing(/tree/, (response) => response.writeHead(200).end(JSON.stringify([entry])), 1);
  const model = await open();
  await expect(model.fetch('config.json')).rejects.toBeInstanceOf(HubProtocolError);
});
