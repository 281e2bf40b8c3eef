import { library } from '@ntk-lens/tsup-config';

export default library({ light: { 'matrix-free': 'src/matrix-free.ts' } });
