// A bundler would look for a file of that name where it sees one.
const name = './model';
const folder = new URL(name, import.meta.url);
const node = folder.protocol === 'file:' ? globalThis.process?.getBuiltinModule?.('node:url') : undefined;

export const modelDirectory = node ? node.fileURLToPath(folder) : folder.href;
