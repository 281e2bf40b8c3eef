// Fills a package of platforms/ from onnxruntime-node, when it is packed: the JavaScript of the binding, and the libraries
// of one platform. ThirdPartyNotices.txt and LICENSE are those of the release; the npm package has neither.
import { copyFile, cp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const source = dirname(require.resolve('onnxruntime-node/package.json'));
const { os, cpu } = JSON.parse(await readFile('package.json', 'utf8')).publishConfig;
const libraries = join('bin', 'napi-v6', os[0], cpu[0]);

/** The same library under its long name, and what only developers read. */
const superfluous = /(libonnxruntime\.\d+\.\d+\.\d+\.dylib|\.d\.ts|\.map)$/;

for (const folder of ['dist', 'bin']) await rm(folder, { recursive: true, force: true });
for (const folder of ['dist', libraries]) {
  await cp(join(source, folder), folder, { recursive: true, filter: (path) => !superfluous.test(path) });
}
for (const name of ['LICENSE', 'ThirdPartyNotices.txt']) {
  await copyFile(new URL(name, import.meta.url), name);
}
