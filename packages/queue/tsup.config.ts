import { library } from '@ntk-lens/tsup-config';

export default library({ light: { page: 'src/page.ts' } });
