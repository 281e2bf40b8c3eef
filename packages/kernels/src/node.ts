export * from './index.js';
export { openTileStore, removeTiles } from './node/tile-directory.js';
