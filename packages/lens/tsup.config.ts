import { library } from '@ntk-lens/tsup-config';

export default library({ entry: ['src/index.ts', 'src/node.ts', 'src/defaults.ts', 'src/stored.ts'] });
