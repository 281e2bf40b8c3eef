import { library } from '@ntk-lens/tsup-config';

export default library({ light: { optimizers: 'src/optimizers.ts', 'space-names': 'src/space-names.ts' } });
