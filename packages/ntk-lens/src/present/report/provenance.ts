import { RunDirectory } from '@ntk-lens/lens/stored';
import type { Part, Section } from '@ntk-lens/report/page';
import { programAndVersion } from '../../version.js';

type Fact = { readonly name: string; readonly value: string | number; readonly code?: boolean };

const text = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
};

const facts = (pairs: Readonly<Record<string, unknown>>, code: readonly string[] = []): Fact[] =>
  Object.entries(pairs).flatMap(([name, value]) => {
    const shown = text(value);
    return shown === undefined ? [] : [{ name, value: shown, code: code.includes(name) }];
  });

/** The names of fields of a manifest for people, in the order in which they are shown. */
const fields = {
  task: 'task',
  template: 'template',
  labelWords: 'label words',
  shots: 'shots',
  seed: 'seed',
  formula: 'formula',
  space: 'space',
  spaceSeed: 'seed of the space',
  binary: 'one output',
  modelHash: 'SHA-256 of the model',
  dataHash: 'SHA-256 of the data',
} as const;

/** Model, data, versions, machine and files of one kernel or training, as its manifest records them. */
const manifestParts = async (path: string): Promise<readonly Part[]> => {
  const manifest = (await RunDirectory.read(path))?.manifest;
  if (manifest === undefined) return [];
  const { kernel, environment = {}, plan, files } = manifest;
  const versions = environment['versions'] as Readonly<Record<string, string>> | undefined;
  const shown = Object.fromEntries(Object.entries(fields).map(([field, name]) => [name, kernel[field]]));
  const names = Object.entries(files);
  return [
    {
      kind: 'facts',
      facts: facts({
        ...shown,
        model: environment['model'],
        runtime:
          environment['runtime'] &&
          `${environment['runtime']} ${environment['version']}, ${environment['dtype']}, ${environment['threads']} threads`,
        versions:
          versions &&
          Object.entries(versions)
            .map((pair) => pair.join(' '))
            .join(', '),
        'machine profile':
          plan &&
          `${plan.profile.source}${'machine' in plan.profile ? `: ${text(plan.profile.machine)}` : ''}`,
        'memory budget': plan && `${(plan.memory / 2 ** 30).toFixed(1)} GiB`,
      }),
    },
    ...(names.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            table: {
              title: 'Files',
              columns: [
                { header: 'file' },
                { header: 'bytes', align: 'right' as const },
                { header: 'SHA-256' },
              ],
              rows: names.map(([name, { bytes, sha256 }]) => ({ cells: [name, bytes, sha256] })),
            },
          },
        ]),
  ];
};

/** The origin of a report's numbers. */
export interface Provenance {
  /** The command that repeats the work, next to its `config.json`. */
  readonly command?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly notes?: readonly string[];
  readonly config?: unknown;
  /** Directories with a manifest, by the name of what they hold. */
  readonly directories: readonly (readonly [name: string, path: string])[];
}

/** Where the numbers are from: the command that repeats them, and what the manifests record. */
export const provenanceSection = async ({
  command,
  facts: own = {},
  notes = [],
  config,
  directories,
}: Provenance): Promise<Section> => {
  const manifests: Section[] = [];
  for (const [title, path] of directories) {
    const parts = await manifestParts(path);
    if (parts.length > 0) manifests.push({ title, parts, folded: true });
  }
  return {
    title: 'Provenance',
    parts: [
      {
        kind: 'facts',
        facts: [
          ...(command === undefined ? [] : [{ name: 'the same again', value: command, code: true }]),
          ...facts(own),
          { name: 'report by', value: programAndVersion },
        ],
      },
      ...notes.map((note): Part => ({ kind: 'text', text: note })),
    ],
    sections: [
      ...(config === undefined
        ? []
        : [
            {
              title: 'Options',
              folded: true,
              parts: [{ kind: 'facts', facts: facts(config as Readonly<Record<string, unknown>>) } as const],
            },
          ]),
      ...manifests,
    ],
  };
};
