import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';

/** Version of the backend `wasm`, which this module registers. */
export const version: string = version_wasm;

/**
 * Says where the WebAssembly files lie, which are beside this module: a folder or an address, with its last slash. It
 * must be called before the backend starts.
 */
export const setWasmFolder = (folder: string): void => setWasmPaths(folder);
