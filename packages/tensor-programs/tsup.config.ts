import { library } from '@ntk-lens/tsup-config';

export default library({ light: { symbolic: 'src/symbolic.ts' } });
