import { dotChart, math } from '@ntk-lens/report';
import { seedBand } from '../../present/seed-band.js';
import { checkOf } from './checked-rows.js';
import { ladderOf, widthsTold } from './chi-widths.js';
import { beginsShots, meanCell, median, rowCells, sampleGroups, sampleNotes } from './over-seeds.js';
import type { Part } from './part.js';

/** Output derivatives before any step, by the way the model is asked, and against width where a ladder is given. */
export const chi: Part = {
  title: 'Output derivatives by task',
  cells: (request) =>
    sampleGroups(request).flatMap((group) => [...checkOf(request, group), ...ladderOf(request, group)]),
  tell: (request, results) => {
    const groups = sampleGroups(request);
    const measured = groups.flatMap((group, i) =>
      checkOf(request, group).map((cell) => ({
        group,
        seeds: results(cell)?.chi,
        rule: beginsShots(groups, i),
      })),
    );
    const found = new Set(measured.flatMap(({ seeds = [] }) => seeds.flatMap(Object.keys)));
    const ways = found.size > 0 ? [...found] : ['prompt'];
    const numbers = { align: 'right', digits: 3 } as const;
    const figures = request.config.run.shots.flatMap((shots) => {
      const dots = measured
        .filter(({ group }) => group.shots === shots)
        .flatMap(({ group, seeds = [] }) =>
          (seeds.length > 0 ? ways : []).map((way, kind) => {
            const values = seeds.map((seed) => seed[way]!);
            return {
              ...{ label: `${group.spec.name}, ${way}`, kind, interval: seedBand(values) },
              value: median(values),
            };
          }),
        );
      if (dots.length === 0) return [];
      const chart = dotChart({
        title: `Output derivatives before any step, ${shots}-shot`,
        subtitle: request.model,
        axis: ['mean ', math`|χ|`, ' on test examples'],
        dots,
        caption: 'median over seeds; thin: range over seeds',
      });
      return [[`chi-${shots}`, chart] as const];
    });
    const widths = widthsTold(request, results);
    return {
      tables: {
        chi: {
          title: 'Mean |χ| on test examples before any step: mean ± standard deviation',
          columns: [
            { header: 'shots' },
            { header: 'task', align: 'left' },
            ...ways.map((header) => ({ header, ...numbers })),
          ],
          rows: measured.map(({ group, seeds, rule }) => ({
            cells: [
              group.shots,
              group.spec.name,
              ...rowCells(seeds, ways.length, (own) =>
                ways.map((way) => meanCell(own.map((seed) => seed[way]))),
              ),
            ],
            rule,
          })),
          notes: [
            ...sampleNotes(request).map((note) => note.split('; test ')[0]!),
            '|χ| = 1 − p(label), before any training step; a task is natural for a pre-trained model if |χ| falls to 0 as the width grows',
            ...(request.ladder
              ? []
              : [
                  '|χ| against width needs models of several widths: --ladder DIR, as "ntk-lens pretrain" writes it, or directories of your own',
                ]),
          ],
        },
        ...widths.tables,
      },
      figures: { ...Object.fromEntries(figures), ...widths.figures },
    };
  },
};
