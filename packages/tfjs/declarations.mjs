// Copies the declarations that `src` exports from TensorFlow.js, corrected so that they compile in strict projects that
// check libraries: modules are named with extensions, and types of browsers are optional.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const core = here('node_modules/@tensorflow/tfjs-core/dist');
const types = here('dist/types');
const environmentFile = join(types, 'environment-types.d.ts');

/** Classes of browsers that declarations name; in a project without the DOM library they are unknown. */
const browserClasses = [
  'File',
  'GPUBuffer',
  'HTMLCanvasElement',
  'HTMLImageElement',
  'HTMLSourceElement',
  'HTMLVideoElement',
  'IDBFactory',
  'ImageBitmap',
  'ImageData',
  'Navigator',
  'OffscreenCanvas',
  'Response',
  'Storage',
  'WebGLRenderingContext',
  'WebGLTexture',
];
const environment = `// Types of browsers as far as the libraries of a project have them, and of the package long.
type Instance<Name extends string> = typeof globalThis extends { [name in Name]: { prototype: infer T } } ? T : unknown;
${browserClasses.map((name) => `export type ${name} = Instance<'${name}'>;\n`).join('')}\
export type ReadableStream<_ = unknown> = Instance<'ReadableStream'>;
export type Fetch = typeof globalThis extends { fetch: infer T } ? T : (...parameters: never) => unknown;
export type WebGLContextAttributes = WebGLRenderingContext extends { getContextAttributes(): infer T } ? T : unknown;
export type RequestInit = Fetch extends (input: never, init?: infer T) => unknown ? T : unknown;
export interface Long {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}
`;
const environmentNames = [
  ...browserClasses,
  'Fetch',
  'Long',
  'ReadableStream',
  'RequestInit',
  'WebGLContextAttributes',
];

/** The declaration file that a module of a file names, or undefined where it is no part of TensorFlow.js. */
const declarationOf = (file, name) => {
  const path = name.startsWith('.')
    ? join(dirname(file), name)
    : name === '@tensorflow/tfjs-core'
      ? join(core, 'index')
      : name.startsWith('@tensorflow/tfjs-core/dist/')
        ? join(core, name.slice('@tensorflow/tfjs-core/dist/'.length))
        : undefined;
  if (path === undefined) return undefined;
  const stem = path.replace(/\.js$/, '');
  const found = [`${stem}.d.ts`, join(stem, 'index.d.ts')].find((candidate) => existsSync(candidate));
  if (!found) throw new Error(`${file} imports ${name}, which has no declarations.`);
  return found;
};

const target = (file) => join(types, relative(core, file));
const specifier = (from, to) => {
  const path = relative(dirname(from), to)
    .split(sep)
    .join('/')
    .replace(/\.d\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
};

const modules = /(\bfrom\s+|\bimport\s+|\bimport\(|\bdeclare module\s+)(['"])([^'"]+)\2/g;

/** Declarations with other names of modules; the files that they name go to `found`. */
const corrected = (source, file, to, found) => {
  const text = source
    .replace(/^\/\/\/ <.*\n/gm, '')
    .replace(/\btypeof fetch\b/g, 'Fetch')
    .replace(modules, (whole, keyword, quote, name) => {
      const declaration = declarationOf(file, name);
      // A module that only registers something, like a backend, has nothing to declare.
      if (declaration === undefined) return whole;
      found.push(declaration);
      return `${keyword}${quote}${specifier(to, target(declaration))}${quote}`;
    });
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
  const used = environmentNames.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  return used.length === 0
    ? text
    : `import type { ${used.join(', ')} } from '${specifier(to, environmentFile)}';\n${text}`;
};

const write = (file, text) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

/** Declarations of our own sources. */
const emitted = (file) =>
  ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: { isolatedDeclarations: true, target: ts.ScriptTarget.ES2022 },
  }).outputText;

const waiting = [];
const index = emitted(here('src/index.ts')).replace(
  /^import '(@tensorflow\/tfjs-backend-cpu|\.\/segment-sum\.js)';\n/gm,
  '',
);
write(here('dist/index.d.ts'), corrected(index, here('src/index.ts'), here('dist/index.d.ts'), waiting));
write(here('dist/wasm.d.ts'), emitted(here('src/wasm.ts')));
write(environmentFile, environment);
const seen = new Set();
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (seen.has(file)) continue;
  seen.add(file);
  write(target(file), corrected(readFileSync(file, 'utf8'), file, target(file), waiting));
}
