// A kernel in a page: bundles the page's script, and serves it with a tiny model.
// npx tsx page.ts [port]
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const { outputFiles } = await build({
  entryPoints: [join(here, 'page/main.js')],
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  conditions: process.execArgv.some((word) => word.includes('@ntk-lens/source')) ? ['@ntk-lens/source'] : [],
  write: false,
});

// Files by their addresses in the page. ONNX Runtime's WebAssembly is looked for next to the script.
const wasm = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
const model = (name: string) => [`/model/${name}`, join(here, 'tiny-gpt2', name)] as const;
const files = new Map([
  ['/', join(here, 'page/index.html')],
  ['/ort-wasm-simd-threaded.wasm', join(wasm, '../ort-wasm-simd-threaded.wasm')],
  ...['config.json', 'tokenizer.json', 'model.safetensors'].map(model),
]);
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.wasm': 'application/wasm' };

const server = createServer(async (request, response) => {
  const file = files.get(request.url!);
  if (request.url === '/main.js')
    response.setHeader('content-type', 'text/javascript').end(outputFiles[0]!.contents);
  else if (file)
    response
      .setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
      .end(await readFile(file));
  else response.writeHead(404).end();
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  console.log(
    `http://127.0.0.1:${port}/ has the page; its script takes ${Math.round(outputFiles[0]!.contents.length / 1e3)} KB`,
  );
});
