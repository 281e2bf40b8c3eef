import { library } from '@ntk-lens/tsup-config';

const light = {
  'runtime-names': 'src/runtime-names.ts',
  'float64-products': 'src/web/float64-products.ts',
  'float64-products-node': 'src/node/float64-products.ts',
};

export default library({
  light,
  // The worker is a file of its own next to the bundle: `new Worker` starts it by its path.
  entry: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    ...light,
    'ort-worker': 'src/node/ort/ort-worker.js',
  },
});
