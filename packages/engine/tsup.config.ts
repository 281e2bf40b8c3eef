import { library } from '@ntk-lens/tsup-config';

// The worker is a file of its own beside the bundle: `new Worker` starts it by its path.
export default library({ entry: { index: 'src/index.ts', 'ort-worker': 'src/ort/ort-worker.js' } });
