import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packages and the packages of this repository that they depend on, peers included, by their short names. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

const short = (name: string): string => name.replace('@ntk-lens/', '');

/** The graph of packages, read from their package.json. */
export const dependenciesOf = (root: string): Dependencies => {
  const manifests = readdirSync(join(root, 'packages')).map(
    (folder) =>
      JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as {
        readonly name: string;
        readonly dependencies?: object;
        readonly peerDependencies?: object;
      },
  );
  const own = new Set(manifests.map(({ name }) => name));
  return new Map(
    manifests.map(({ name, dependencies, peerDependencies }) => [
      short(name),
      Object.keys({ ...dependencies, ...peerDependencies })
        .filter((other) => own.has(other))
        .map(short),
    ]),
  );
};

/** The graph without arrows that a longer way says already. */
export const withoutShortcuts = (graph: Dependencies): Dependencies => {
  const reaches = (from: string, to: string): boolean =>
    graph.get(from)!.some((next) => next === to || reaches(next, to));
  return new Map(
    [...graph].map(([name, needs]) => [
      name,
      needs.filter((need) => !needs.some((other) => other !== need && reaches(other, need))),
    ]),
  );
};

/** Packages by the length of their longest way down, the lowest row first. */
export const rowsOf = (graph: Dependencies): readonly (readonly string[])[] => {
  const heights = new Map<string, number>();
  const heightOf = (name: string): number => {
    const known = heights.get(name) ?? Math.max(0, ...graph.get(name)!.map((need) => 1 + heightOf(need)));
    heights.set(name, known);
    return known;
  };
  const rows: string[][] = [];
  for (const name of graph.keys()) (rows[heightOf(name)] ??= []).push(name);
  return rows;
};

const style = `<style>text{font:14px system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif;fill:#1f2328}.s{font-size:12.5px;fill:#59636e}.b{font-weight:600}rect{fill:#f6f8fa;stroke:#d1d9e0}.p{fill:#ddf4ff;stroke:#54aeff}path{fill:none;stroke:#818b98;stroke-width:1.2}.w{stroke:#0969da;stroke-width:2}marker path{fill:#818b98;stroke:none}marker.w path{fill:#0969da}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9aa4af}rect{fill:#161b22;stroke:#3d444d}.p{fill:#0c2d6b;stroke:#388bfd}path{stroke:#656c76}.w{stroke:#4493f8}marker path{fill:#656c76}marker.w path{fill:#4493f8}}</style>`;
const arrow = (id: string, name: string): string =>
  `<marker id="${id}" class="${name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>`;

const drawing = (title: string, width: number, height: number, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${title}</title>
${style}
<defs>${arrow('a', '')}${arrow('v', 'w')}</defs>
${parts.join('\n')}
</svg>
`;

const [WIDTH, BOX, TALL, ROW] = [1000, 118, 30, 74];

/** Packages of the wide rows from left to right, so that few arrows cross. */
const order = 'tasks prompts tokenizers checkpoints engine solvers report queue minilm-mlm core tfjs'.split(
  ' ',
);

/** Packages as boxes, above what they depend on. */
export const packagesDrawing = (graph: Dependencies): string => {
  const arrows = withoutShortcuts(graph);
  const rows = rowsOf(graph);
  const height = rows.length * ROW + 10;
  const places = new Map<string, readonly [x: number, y: number]>();
  for (const [level, names] of rows.entries()) {
    const sorted = [...names].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const step = Math.min(WIDTH / sorted.length, 250);
    for (const [i, name] of sorted.entries())
      places.set(name, [
        WIDTH / 2 + (i - (sorted.length - 1) / 2) * step,
        height - 10 - TALL / 2 - level * ROW,
      ]);
  }
  const lines = [...arrows].flatMap(([name, needs]) => {
    const [x, y] = places.get(name)!;
    return needs.map((need) => {
      const [to, below] = places.get(need)!;
      const [top, bottom] = [y + TALL / 2, below - TALL / 2 - 2];
      // It bends near its end, past the boxes between.
      const bend = Math.max(top + 12, bottom - 34);
      return `<path d="M${x} ${top}C${to} ${top + 24} ${to} ${bend} ${to} ${bottom}" marker-end="url(#a)"/>`;
    });
  });
  const boxes = [...places].map(
    ([name, [x, y]]) =>
      `<rect x="${x - BOX / 2}" y="${y - TALL / 2}" width="${BOX}" height="${TALL}" rx="6"/><text x="${x}" y="${y + 5}" text-anchor="middle">${name}</text>`,
  );
  return drawing('Packages and what they depend on', WIDTH, height, [...lines, ...boxes]);
};

/** Stations of a value: the package, its work, and the value that leaves it. */
const way: readonly (readonly [name: string, work: string, value: string])[] = [
  [
    'tasks',
    'reads the file and draws k examples per label',
    'texts and a label: "The waiter forgot our order twice.", negative',
  ],
  [
    'prompts',
    'writes the template and looks up the label words',
    'token ids, and the position whose logits are read',
  ],
  [
    'models',
    'runs the stages forward; engine computes them',
    'states of every stage, and f(ξ; θ₀), a number per label word',
  ],
  [
    'models',
    'runs the stages backward, one pass per output',
    'factors of every site: activations a and cotangents b',
  ],
  [
    'kernels',
    'contracts factors into sums, tile by tile',
    'K, an array [train, train logit, query, query logit]',
  ],
  ['solvers', 'fits on train, chooses on dev', 'scores and a label for every test example'],
  ['report', 'draws, writes tables and the page', 'report.html, table.md, kernel.svg'],
];

/** Way of one sentence through the packages, from a file to a report. */
export const wayDrawing = (graph: Dependencies): string => {
  const [step, top] = [82, 14];
  const height = way.length * step + 6;
  const parts = way.flatMap(([name, work, value], i) => {
    if (!graph.has(name))
      throw new Error(`The way of a value names "${name}". Expected a package. Correct it.`);
    const y = top + i * step;
    return [
      `<rect class="p" x="10" y="${y}" width="${BOX}" height="${TALL + 4}" rx="6"/><text class="b" x="${10 + BOX / 2}" y="${y + 22}" text-anchor="middle">${name}</text>`,
      `<text x="${BOX + 30}" y="${y + 22}">${work}</text>`,
      `<path class="w" d="M${10 + BOX / 2} ${y + TALL + 4}V${y + step - (i === way.length - 1 ? 26 : 3)}" marker-end="url(#v)"/>`,
      `<text class="s" x="${BOX + 30}" y="${y + 51}">→ ${value}</text>`,
    ];
  });
  return drawing('The way of one sentence through the packages', 640, height, parts);
};

/** Drawings of docs/images that are made from the repository, by their names. */
export const architecture = (root: string): Readonly<Record<string, string>> => {
  const graph = dependenciesOf(root);
  return { packages: packagesDrawing(graph), 'value-way': wayDrawing(graph) };
};
