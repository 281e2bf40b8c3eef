import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RuntimeUnavailableError } from '../../errors.js';
import type { RuntimeName } from '../../runtime-names.js';
import { createRuntime } from '../create-runtime.js';
import { findOnnxRuntime, hasCudaLibrary } from './find-onnxruntime.js';
import { whyNoGraphics } from './hardware.js';
import { TFJS_NODE_VARIABLE } from './open-tensorflow.js';
import { packageFolder } from './package-info.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntk-lens-engine-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const refusal = async (runtime: RuntimeName): Promise<RuntimeUnavailableError> => {
  const error = await createRuntime({ runtime, threads: 1 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RuntimeUnavailableError);
  return error as RuntimeUnavailableError;
};

const writePackage = async (name: string, main: string) => {
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name, version: '4.22.0', main: 'main.cjs' }),
  );
  await writeFile(join(folder, 'main.cjs'), main);
};

test('a folder named by the environment that holds no package is named in the error', async () => {
  vi.stubEnv(TFJS_NODE_VARIABLE, join(folder, 'nothing'));
  expect((await refusal('tfjs-node')).why).toMatch(
    /NTK_LENS_TFJS_NODE is ".*nothing", which is not the folder/,
  );
});

test.runIf(packageFolder('@tensorflow/tfjs-node-gpu') === undefined)(
  'the folder counts only for the package that it holds',
  async () => {
    await writePackage(
      '@tensorflow/tfjs-node',
      'throw new Error("the binding has no such symbol\\nand more")',
    );
    vi.stubEnv(TFJS_NODE_VARIABLE, folder);
    expect((await refusal('tfjs-node')).why).toBe('the binding has no such symbol.');
    const gpu = await refusal('tfjs-node-gpu');
    expect(gpu.why).toMatch(/tfjs-node-gpu is not installed, and NTK_LENS_TFJS_NODE names another package/);
    expect(gpu.message).toBe(`Runtime "tfjs-node-gpu" cannot be used here: ${gpu.why} ${gpu.remedy}`);
  },
);

test.each([
  ['tfjs-node', '@tensorflow/tfjs-node'],
  ['tfjs-node-gpu', '@tensorflow/tfjs-node-gpu'],
] as const)('the error of %s names a package, a page and an option that are there', async (runtime, name) => {
  vi.stubEnv(TFJS_NODE_VARIABLE, join(folder, 'nothing'));
  const { remedy } = await refusal(runtime);
  const read = (path: string) => readFile(new URL(`../../../../../${path}`, import.meta.url), 'utf8');
  const { peerDependencies } = JSON.parse(await read('packages/engine/package.json'));
  expect(/npm install ([\w@/-]+)/.exec(remedy)?.[1]).toBe(name);
  expect(Object.keys(peerDependencies)).toContain(name);
  expect(await read(/main\/(docs\/\S+?\.md)/.exec(remedy)![1]!)).toContain(
    'node tooling/native-tfjs/build.mjs',
  );
  const options = [...remedy.matchAll(/--[\w-]+/g)].map(([option]) => option);
  expect(options).toEqual(runtime === 'tfjs-node-gpu' ? ['--gpu'] : []);
  const usage = await read('tooling/native-tfjs/src/options.mjs');
  expect(options.filter((option) => !usage.includes(`  ${option} `))).toEqual([]);
});

test.runIf(!hasCudaLibrary(findOnnxRuntime()!.folder))(
  'ort-cuda without its libraries says how to fetch them',
  async () => {
    const { why, remedy } = await refusal('ort-cuda');
    expect(why).toBe('no CUDA libraries of ONNX Runtime.');
    expect(remedy).toMatch(/npm install onnxruntime-node/);
  },
);

const fakeLibrary = async (name: string, version: string): Promise<string> => {
  await mkdir(join(folder, name, 'dist'), { recursive: true });
  await writeFile(join(folder, name, 'dist', 'version.js'), `exports.version = '${version}';`);
  return join(folder, name);
};

test("ONNX Runtime is the user's, unless it is old; else that for the platform; a package that is not filled counts as none", async () => {
  const platform = `@ntk-lens/ort-${process.platform}-${process.arch}`;
  const found = (packages: Readonly<Record<string, string>>) =>
    findOnnxRuntime((name) => packages[name])?.title;
  const ours = await fakeLibrary('ours', '1.30.0');
  const newer = await fakeLibrary('newer', '2.0.0');
  const older = await fakeLibrary('older', '1.9.3');
  expect(found({ 'onnxruntime-node': newer, [platform]: ours })).toBe('onnxruntime-node 2.0.0');
  expect(found({ 'onnxruntime-node': older, [platform]: ours })).toBe('onnxruntime-node 1.30.0');
  expect(found({ 'onnxruntime-node': older })).toBe('onnxruntime-node 1.9.3');
  expect(found({ [platform]: ours })).toBe('onnxruntime-node 1.30.0');
  expect(found({ [platform]: folder })).toBeUndefined();
  expect(found({})).toBeUndefined();
});

test('the CUDA provider is found where the install script of onnxruntime-node puts it', async () => {
  expect(hasCudaLibrary(folder)).toBe(false);
  const binaries = join(folder, 'bin', 'napi-v6', process.platform, process.arch);
  await mkdir(binaries, { recursive: true });
  expect(hasCudaLibrary(folder)).toBe(false);
  const file =
    process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  await writeFile(join(binaries, file), '');
  expect(hasCudaLibrary(folder)).toBe(true);
});

test.each([
  ['0', undefined],
  ['1', '1'],
])(
  'what CUDA libraries read when they are loaded says %s of TF32 where the user says %s',
  async (found, set) => {
    await writePackage(
      '@tensorflow/tfjs-node-gpu',
      'throw new Error("TF32 " + process.env.NVIDIA_TF32_OVERRIDE)',
    );
    vi.stubEnv(TFJS_NODE_VARIABLE, folder);
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', set);
    expect((await refusal('tfjs-node-gpu')).why).toBe(`TF32 ${found}.`);
  },
);

test('only Linux can tell that there is no graphics device', () => {
  expect(whyNoGraphics('linux', () => false, {})).toMatch(/no graphics device/);
  expect(whyNoGraphics('linux', () => false, { VK_ICD_FILENAMES: 'a driver.json' })).toBeUndefined();
  expect(whyNoGraphics('linux', (path) => path === '/dev/dxg', {})).toBeUndefined();
  expect(whyNoGraphics('darwin', () => false)).toBeUndefined();
  expect(whyNoGraphics('win32', () => false)).toBeUndefined();
});
