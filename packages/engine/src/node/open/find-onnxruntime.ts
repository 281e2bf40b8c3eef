import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './package-info.js';

/** The oldest version of ONNX Runtime that is used where there is another. */
const preferred = [1, 30] as const;

/** ONNX Runtime's binding for Node. */
export interface OnnxRuntimeLibrary {
  /** Folder of a package whose main module is the binding. */
  readonly folder: string;
  /** E.g. `onnxruntime-node 1.30.0`. */
  readonly title: string;
}

/**
 * Finds ONNX Runtime: the user's onnxruntime-node, which may have CUDA, and else the package for this platform that the
 * engine lists as an optional dependency. An old onnxruntime-node, which another library may have brought, comes last.
 *
 * @returns undefined where there is none, as with musl, on a platform without a package, or without optional dependencies
 */
export const findOnnxRuntime = (
  find: (name: string) => string | undefined = packageFolder,
): OnnxRuntimeLibrary | undefined => {
  const own = libraryIn(find('onnxruntime-node'));
  if (own && isPreferred(own.title)) return own;
  return libraryIn(find(`@ntk-lens/ort-${process.platform}-${process.arch}`)) ?? own;
};

const libraryIn = (folder: string | undefined): OnnxRuntimeLibrary | undefined => {
  // A package that is not filled, like those of this repository, has no such file.
  const file = folder && join(folder, 'dist', 'version.js');
  if (!file || !existsSync(file)) return undefined;
  const version = /version = '([^']+)'/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'of unknown version';
  return { folder, title: `onnxruntime-node ${version}` };
};

const isPreferred = (title: string): boolean => {
  const [major = 0, minor = 0] = (title.split(' ')[1] ?? '').split('.').map(Number);
  return major > preferred[0] || (major === preferred[0] && minor >= preferred[1]);
};

/** Says whether the CUDA provider's library lies next to ONNX Runtime's own. npm does not ship it. */
export const hasCudaLibrary = (onnxruntimeFolder: string): boolean => {
  const file =
    process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  const binaries = join(onnxruntimeFolder, 'bin');
  if (!existsSync(binaries)) return false;
  return readdirSync(binaries).some((napi) =>
    existsSync(join(binaries, napi, process.platform, process.arch, file)),
  );
};
