import { library } from '@ntk-lens/tsup-config';

export default library({ entry: ['src/index.ts', 'src/node.ts', 'src/stored.ts'] });
