import { library } from '@ntk-lens/tsup-config';

export default library({
  light: { 'runtime-names': 'src/runtime-names.ts' },
  // The worker is a file of its own next to the bundle: `new Worker` starts it by its path.
  entry: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    'runtime-names': 'src/runtime-names.ts',
    'ort-worker': 'src/node/ort/ort-worker.js',
  },
});
