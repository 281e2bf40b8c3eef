import { library } from '@ntk-lens/tsup-config';

const bin = ['bin', 'entry'].flatMap((name) => [`${name}.js`, `${name}.js.map`]);

export default [
  library({
    entry: { index: 'src/index.ts', 'parse-and-run': 'src/cli/parse-and-run.ts' },
    clean: bin.map((name) => `!${name}`),
  }),
  // One small file prints help and version. It declares options and commands and never runs one: parse-and-run.js does,
  // with declarations of its own, so that what commands import stays outside.
  library({
    entry: { bin: 'src/bin.ts', entry: 'src/entry.ts' },
    clean: false,
    dts: false,
    splitting: false,
    noExternal: [/^@ntk-lens\//],
    minify: true,
    esbuildOptions: (options) => {
      options.conditions = ['@ntk-lens/source', 'node'];
    },
    esbuildPlugins: [
      {
        name: 'leave-dynamic-imports',
        setup: (build) => {
          build.onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          );
        },
      },
    ],
  }),
];
