// Dependencies between packages point one way. Each package may import the packages before it in this list
// that it names, and nothing else of the workspace.
const mayImport = {
  core: [],
  prompts: ['core'],
  tasks: ['core'],
  solvers: ['core'],
  engine: ['core'],
  models: ['core', 'engine'],
  kernels: ['core', 'engine', 'models'],
  subspace: ['core', 'engine', 'models', 'kernels'],
  'tensor-programs': ['core', 'engine', 'models', 'kernels', 'subspace'],
  report: ['core'],
  'minilm-mlm': [],
  'ntk-lens': [
    'core',
    'prompts',
    'tasks',
    'solvers',
    'engine',
    'models',
    'kernels',
    'subspace',
    'tensor-programs',
    'report',
    'minilm-mlm',
  ],
};

/** Tests may use what stands above their package, and the helpers that they share. */
const tests = '(\\.test\\.ts$|/testing/)';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle has no order in which it can be read, one of types alone neither.',
      severity: 'error',
      from: { pathNot: tests },
      to: { circular: true },
    },
    ...Object.entries(mayImport).map(([name, allowed]) => ({
      name: `${name}-imports`,
      comment: `packages/${name} may import ${allowed.join(', ') || 'no other package'}.`,
      severity: 'error',
      from: { path: `^packages/${name}/src`, pathNot: tests },
      to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
    })),
    {
      name: 'no-native-outside-engine',
      comment: 'Only the engine touches native libraries and tfjs itself.',
      severity: 'error',
      from: { path: '^packages/(?!engine/)', pathNot: tests },
      to: { path: '(onnxruntime|@tensorflow/)', pathNot: '^packages/' },
    },
    {
      name: 'symbolic-in-a-browser',
      comment: 'The symbolic part of tensor-programs runs in a browser.',
      severity: 'error',
      from: { path: '^packages/tensor-programs/src/symbolic.ts' },
      to: { path: '(^packages/(engine|models|kernels|subspace)/|^node:)', reachable: true },
    },
    {
      name: 'browser-packages',
      comment: 'prompts, solvers and the main entry of tasks run in a browser.',
      severity: 'error',
      from: { path: '^packages/(prompts|solvers|tasks)/src', pathNot: `${tests}|/node(/|\\.ts)|/download/` },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/fixtures/)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@ntk-lens/source', 'import', 'node', 'default', 'types'],
    },
  },
};
