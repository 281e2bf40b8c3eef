const { existsSync } = require('node:fs');

// Dependencies between packages point one way. Each package may import the packages before it in this list
// that it names, and nothing else of the workspace.
const mayImport = {
  core: [],
  prompts: ['core'],
  tasks: ['core'],
  solvers: ['core'],
  tfjs: [],
  engine: ['core', 'tfjs'],
  tokenizers: ['core'],
  checkpoints: ['core'],
  models: ['core', 'engine', 'tokenizers', 'checkpoints'],
  kernels: ['core', 'engine', 'models'],
  subspace: ['core', 'engine', 'checkpoints', 'models', 'kernels'],
  'tensor-programs': ['core', 'engine', 'checkpoints', 'models', 'kernels', 'subspace'],
  report: ['core'],
  queue: ['core'],
  'minilm-mlm': [],
  lens: [
    'core',
    'prompts',
    'tasks',
    'solvers',
    'engine',
    'tokenizers',
    'checkpoints',
    'models',
    'kernels',
    'subspace',
    'tensor-programs',
    'minilm-mlm',
  ],
  'ntk-lens': [
    'core',
    'prompts',
    'tasks',
    'solvers',
    'engine',
    'tokenizers',
    'checkpoints',
    'models',
    'kernels',
    'subspace',
    'tensor-programs',
    'lens',
    'report',
    'queue',
    'minilm-mlm',
  ],
};

/**
 * The layers inside the packages, from the lowest to the highest. A line may import the lines above it and itself;
 * names on one line may not import each other. `*` stands for the other files at the top of the package.
 * docs/architecture.md, Inside the packages, has a sentence for each.
 */
const layers = {
  core: [
    ['key-of-other-case.ts', 'nearest-name.ts', 'wrap-text.ts'],
    ['errors.ts', 'with-defaults.ts'],
    [
      'bytes.ts',
      'matrix-products.ts',
      'ndarray.ts',
      'progress.ts',
      'random',
      'sha256.ts',
      'stray-content.ts',
      'text.ts',
      'transfer',
    ],
    ['kernel.ts', 'linear-operator.ts', 'npy', 'row-source.ts', 'text-encoding.ts'],
    ['index.ts', 'node'],
    'node.ts',
  ],
  prompts: [
    ['check-count.ts', 'label-matrix.ts', 'newlines.ts'],
    ['template', 'verbalizer'],
    ['calibration', 'demonstrations', 'encode'],
    'suggest',
    'show',
    'index.ts',
  ],
  tasks: [
    ['errors.ts', 'limits.ts'],
    'spec',
    ['metrics', 'read', 'registry', 'sample'],
    'columns',
    ['embedded', 'split'],
    'download',
    ['index.ts', 'node'],
    'node.ts',
  ],
  solvers: [
    'errors.ts',
    'linalg',
    'operators',
    ['kernel', 'optimize'],
    'definition',
    'logistic',
    'solvers',
    'select',
    'matrix-free',
    ['index.ts', 'matrix-free.ts'],
  ],
  report: ['errors.ts', 'table', ['figure', 'progress'], 'page', ['index.ts', 'page.ts']],
  queue: [
    ['errors.ts', 'queued-units.ts', 'store-errors.ts'],
    ['message.ts', 'node', 'redis-address.ts'],
    ['connect.ts', 'fill-queue.ts'],
    'put-off-units.ts',
    ['follow-queue.ts', 'work-on-queue.ts'],
    ['index.ts', 's3.ts'],
  ],
  engine: [
    ['errors.ts', 'map-ahead.ts', 'program.ts', 'runtime-names.ts'],
    'runtime.ts',
    ['check-inputs.ts', 'resident-tensors.ts', 'runtime-options.ts', 'trace'],
    'onnx',
    ['eager', 'operations', 'ort', 'ports'],
    ['profile', 'web'],
    ['index.ts', 'node'],
    'node.ts',
  ],
  tokenizers: [
    ['errors.ts', 'limits.ts', 'text-encoding.ts', 'unicode-tables.ts'],
    ['byte-characters.ts', 'json-reader.ts', 'unicode.ts', 'work.ts'],
    'aligned-text.ts',
    ['patterns', 'trim-offsets.ts'],
    ['decoders', 'models', 'normalizers'],
    ['pre-tokenizers', 'word-cache.ts'],
    ['added-tokens.ts', 'post-processing.ts'],
    'encode-batch.ts',
    'loaded-tokenizer.ts',
    'loading',
    ['index.ts', 'node'],
    'node.ts',
  ],
  checkpoints: [
    ['bytes.ts', 'caps.ts', 'errors.ts', 'json'],
    'source',
    ['hub', 'safetensors', 'shards', 'torch'],
    'optimizer-states',
    ['index.ts', 'node'],
    'node.ts',
  ],
  models: [
    ['names', 'sites'],
    'stages',
    ['architectures', 'chain'],
    ['batching', 'config'],
    'language-model.ts',
    [
      'classifier-model.ts',
      'model-without-weights.ts',
      'forward',
      'optimizer-state',
      'parameter-count.ts',
      'parametrization',
      'read-cache.ts',
    ],
    ['index.ts', 'node'],
    'node.ts',
  ],
  kernels: [
    ['errors.ts', 'remembered.ts'],
    ['formulas', 'sites'],
    'factors',
    'contract',
    ['plan', 'projected', 'store'],
    ['pass', 'request'],
    ['assemble.ts', 'derivatives', 'explain', 'moments', 'textbook.ts', 'tiled-rows.ts'],
    'compute-sweep.ts',
    ['compute-kernels.ts', 'operator', 'states'],
    ['kernel-parts.ts', 'stored-kernels.ts'],
    'self-check',
    ['index.ts', 'node'],
    'node.ts',
  ],
  subspace: [
    ['errors.ts', 'kernels', 'projections', 'space.ts', 'space-names.ts'],
    'syntax',
    'spaces',
    ['peft', 'training'],
    ['optimizers.ts', 'parse-space.ts'],
    ['index.ts', 'node'],
    'node.ts',
  ],
  'tensor-programs': [
    ['errors.ts', 'verdict.ts'],
    'statistics',
    ['abc', 'expressible', 'infinite-width', 'language', 'natural', 'trajectory', 'two-layer'],
    ['features', 'linearization', 'pretrain', 'symbolic.ts'],
    ['coordinates', 'ladder', 'sign-gd'],
    'findings',
    ['index.ts', 'node'],
    'node.ts',
  ],
  lens: [
    ['embedded-name.ts', 'errors.ts', 'named.ts', 'version.ts'],
    'task',
    'kernel',
    'solve',
    'session',
    'methods',
    'fine-tune',
    'check',
    'predict',
    'lens.ts',
    'open-lens.ts',
    'defaults.ts',
    ['exports.ts', 'stored.ts'],
    'web',
    ['index.ts', 'node'],
    ['node.ts', 'stored-node.ts'],
  ],
  'ntk-lens': [
    ['options', 'version.ts'],
    'data',
    'run',
    'present',
    'reproduce',
    'units',
    ['cli', 'index.ts'],
    'bin.ts',
  ],
};

/** Tests may use what stands above their package, and the helpers that they share. */
const tests = '(\\.test\\.ts$|/testing/)';

/** A rule for every name of the table, and one that refuses what the table does not name. */
const layerRules = Object.entries(layers).flatMap(([name, order]) => {
  const source = `^packages/${name}/src/`;
  const named = order.flat().filter((unit) => unit !== '*');
  const pattern = (unit) =>
    unit === '*'
      ? `(?!(${named.map((other) => other.replace('.', '\\.')).join('|')})$)[^/]+\\.ts$`
      : unit.replace('.', '\\.') + (unit.endsWith('.ts') ? '$' : '/');
  const pathsOf = (units) => `${source}(${units.map(pattern).join('|')})`;
  const missing = named.find((unit) => !existsSync(`packages/${name}/src/${unit}`));
  if (missing) throw new Error(`packages/${name}/src has no ${missing}, which the table of layers names.`);
  const rules = order.flatMap((line, i) =>
    [line].flat().map((unit) => {
      const below = order.slice(0, i).flat();
      return {
        name: `${name}-${unit === '*' ? 'others' : unit.replace('.ts', '')}`,
        comment: `In packages/${name}/src, ${unit} may import ${below.join(', ') || 'nothing else'}.`,
        severity: 'error',
        from: { path: pathsOf([unit]), pathNot: tests },
        to: { path: source, pathNot: [pathsOf([unit, ...below]), tests] },
      };
    }),
  );
  const unknown = {
    name: `${name}-layers`,
    comment: `Every folder and file of packages/${name}/src has a line in the table of layers.`,
    severity: 'error',
    from: {},
    to: { path: source, pathNot: [pathsOf(order.flat()), tests] },
  };
  return [...rules, unknown];
});

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
    ...layerRules,
    {
      name: 'testing-in-tests',
      comment: 'tooling/testing is not published.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: `${tests}|/testing[^/]*\\.ts$` },
      to: { path: '^tooling/' },
    },
    {
      name: 'no-native-outside-engine',
      comment: 'Only the engine touches native libraries and tfjs itself, whose bundle packages/tfjs makes.',
      severity: 'error',
      from: { path: '^packages/(?!(engine|tfjs)/)', pathNot: tests },
      to: { path: '(onnxruntime|@tensorflow/)', pathNot: '^packages/' },
    },
    {
      name: 'symbolic-is-light',
      comment: 'The symbolic part of tensor-programs needs no model.',
      severity: 'error',
      from: { path: '^packages/tensor-programs/src/symbolic.ts' },
      to: { path: '^packages/(engine|models|kernels|subspace)/', reachable: true },
    },
    {
      name: 'node-behind-its-entry',
      comment:
        'Only src/node/ of a package imports modules of Node; what src/index.ts reaches runs in a browser.',
      severity: 'error',
      from: {
        path: '^packages/(?!ntk-lens/|minilm-mlm/)',
        pathNot: `${tests}|/src/node/|/tsup\\.config\\.ts$|^packages/tfjs/[^/]+\\.mjs$`,
      },
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
