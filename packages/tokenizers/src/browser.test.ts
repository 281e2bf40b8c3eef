import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { loadTokenizer } from './node.js';
import { SMALL } from './testing/small-tokenizers.js';

let code: string;
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('index.ts', import.meta.url))],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'tokenizers',
    conditions: ['@ntk-lens/source'],
    write: false,
  });
  code = outputFiles[0]!.text;
});

const texts = ['aaa! <mask> wör', 'hello  Aa\u0301 12345', '', 'é😀a'];

test.each(Object.entries(SMALL))('the bundle for browsers gives what Node gives: %s', async (_, json) => {
  // What a page has, and nothing of Node.
  const page = createContext({ atob, TextDecoder, TextEncoder });
  runInContext(code, page);
  const source = { 'tokenizer.json': JSON.stringify(json) };
  const own = await loadTokenizer(source);
  const calls = `(async () => {
    const tokenizer = await tokenizers.loadTokenizer(${JSON.stringify(source)});
    return JSON.stringify(${JSON.stringify(texts)}.map((text) => {
      const encoding = tokenizer.encodeWithOffsets(text);
      return { encoding, decoded: tokenizer.decode(encoding.ids) };
    }));
  })()`;
  expect(JSON.parse(await runInContext(calls, page))).toEqual(
    texts.map((text) => {
      const encoding = own.encodeWithOffsets(text);
      return { encoding, decoded: own.decode(encoding.ids) };
    }),
  );
});

test('a page has no directories: the error is typed', async () => {
  const page = createContext({ atob, TextDecoder, TextEncoder });
  runInContext(code, page);
  const call = `tokenizers.loadTokenizer({}).catch((error) => error.code)`;
  expect(await runInContext(call, page)).toBe('TOKENIZER_FILES_MISSING');
});
