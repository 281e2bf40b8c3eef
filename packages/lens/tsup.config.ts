import { library } from '@ntk-lens/tsup-config';

export default library({
  // A session is disposed of by `await using`; projects for older targets have no declarations of that.
  declarationsBegin: '/// <reference lib="esnext.disposable" />',
  light: {
    defaults: 'src/defaults.ts',
    stored: 'src/stored.ts',
    'stored-node': 'src/stored-node.ts',
  },
});
