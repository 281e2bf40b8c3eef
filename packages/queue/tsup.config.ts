import { library } from '@ntk-lens/tsup-config';

export default library({ light: { s3: 'src/s3.ts' } });
