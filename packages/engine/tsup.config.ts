import { library } from '@ntk-lens/tsup-config';

export default library({
  // The worker is a file of its own beside the bundle: `new Worker` starts it by its path.
  entry: { index: 'src/index.ts', web: 'src/web.ts', 'ort-worker': 'src/ort/ort-worker.js' },
  // tsup takes optional dependencies into the bundle.
  external: ['koffi'],
  dts: {
    entry: { index: 'src/index.ts', web: 'src/web.ts' },
    compilerOptions: { ignoreDeprecations: '6.0' },
  },
});
