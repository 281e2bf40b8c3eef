import { library } from '@ntk-lens/tsup-config';

export default library({
  light: {
    defaults: 'src/defaults.ts',
    stored: 'src/stored.ts',
    'stored-node': 'src/stored-node.ts',
  },
});
