import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';

/** Version of the backend `wasm`, which this module registers. */
export const version: string = version_wasm;

/**
 * Sets the folder or address, with its last slash, from which the WebAssembly files are loaded; they lie next to this
 * module. It must be called before the backend starts.
 */
export const setWasmFolder = (folder: string): void => setWasmPaths(folder);
