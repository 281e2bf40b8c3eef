import { library } from '@ntk-lens/tsup-config';

export default library({ light: { formulas: 'src/formulas/index.ts' } });
