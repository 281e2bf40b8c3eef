import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startHub } from '@ntk-lens/testing/hub-server';
import { spawnProgram } from '../spawn-program.js';
import type { KillScenario } from './kill-and-resume.js';

const CHUNK_BYTES = 32_768;
const CHUNK_MS = 15;
const id = 'some-org/tiny';

/**
 * A model is downloaded from a Hub on this machine, slowly enough that kills come between its bytes.
 *
 * @param model directory whose files are served
 */
export const downloadScenario = async (
  program: string,
  model: string,
): Promise<KillScenario & { readonly close: () => Promise<void> }> => {
  const files = new Map<string, Uint8Array>();
  for (const name of await readdir(model)) files.set(name, await readFile(join(model, name)));
  const hub = await startHub(id, files, (name) => name.endsWith('.safetensors'));
  hub.fault = (request, response, path) => {
    const bytes = path.startsWith('cdn ') ? files.get(path.slice('cdn /'.length)) : undefined;
    if (!bytes) return false;
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) response.setHeader('content-range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from });
    const send = async (): Promise<void> => {
      for (let at = from; at < bytes.length && !response.destroyed; at += CHUNK_BYTES) {
        response.write(bytes.subarray(at, at + CHUNK_BYTES));
        await wait(CHUNK_MS);
      }
      response.end();
    };
    void send();
    return true;
  };
  return {
    name: 'download',
    begun: /download/,
    within: 0.8,
    // The files that a killed download leaves next to the model are no part of it.
    isCompared: (name) => /(^|\/)(blobs|snapshots|refs)\//.test(name) && !/\.(incomplete|lock)/.test(name),
    start: (out, options) =>
      spawnProgram(program, ['zero-shot', '--model', id, '--shots', '1', '--limit-test', '1', '--json'], {
        ...options,
        env: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: out, HF_HUB_OFFLINE: '' },
      }),
    close: () => hub.close(),
  };
};
