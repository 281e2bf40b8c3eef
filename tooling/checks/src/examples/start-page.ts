import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { sources } from '../program.js';
import { root } from '../root.js';

/** Starts the example that serves a page, on a free port. */
export const startPage = async (): Promise<{ readonly url: string; readonly stop: () => void }> => {
  const words = [...sources, join(root, 'examples/page.ts'), '0'];
  const server = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((found, failed) => {
    let text = '';
    server.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      const address = /http:\/\/[\d.:]+\//.exec(text)?.[0];
      if (address) found(address);
    });
    server.on('close', (code) => failed(new Error(`The example ended with ${code}:\n${text}`)));
  });
  return { url, stop: () => server.kill() };
};
