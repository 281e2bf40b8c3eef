import { library } from '@ntk-lens/tsup-config';

export default library({ entry: { index: 'src/index.ts', formulas: 'src/formulas/index.ts' } });
