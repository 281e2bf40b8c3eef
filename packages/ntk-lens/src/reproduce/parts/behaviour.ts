import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { Finding, Verdict } from '@ntk-lens/tensor-programs';
import { checkedRows, checkOf } from './checked-rows.js';
import { rowCells, sampleGroups, sampleNotes } from './over-seeds.js';
import type { Part } from './part.js';

/** From the worst verdict to the best. */
const order: readonly Verdict[] = ['fails', 'cannot tell', 'holds'];

const worst = (findings: readonly Finding[]): Verdict | null =>
  order.find((verdict) => findings.some((one) => one.verdict === verdict)) ?? null;

const number = (value: number | undefined): string =>
  value === undefined ? '–' : String(Number(value.toPrecision(3)));

/** The reason where a condition does not hold: its statistic and threshold, or why there is none. */
const reasonOf = ({ condition, subject = '', verdict, statistic, threshold, note }: Finding): string[] => {
  if (verdict === 'holds') return [];
  const of = condition === 'solves' ? ` (${subject.split(': ').at(-1)})` : '';
  const why =
    statistic === undefined ? (note?.split(';')[0] ?? verdict) : `${number(statistic)}, not ${threshold}`;
  return [`${condition}${of}: ${why}`];
};

/** Kernel behaviour is linearization and fixed features; whether the kernel solves the task is another question. */
export const behaviour: Part = {
  title: 'Kernel behaviour by task and optimizer',
  cells: (request) => sampleGroups(request).flatMap((group) => checkOf(request, group)),
  tell: (request, results) => {
    const rows = checkedRows(request, results).map(({ group, name, rule, found }) => {
      const { title } = optimizerNamed(name);
      const own = found?.findings.filter(({ subject }) => subject?.startsWith(`${title}, `)) ?? [];
      const of = (condition: string) => own.filter((finding) => finding.condition === condition);
      const [linear, fixed, solves] = [of('linearization'), of('fixed features'), of('solves')];
      const behaves = worst([...linear, ...fixed]);
      const verdicts = rowCells(found, 5, () => [
        ...[behaves, worst(linear), worst(fixed), worst(solves)],
        [...linear, ...fixed, ...solves].flatMap(reasonOf).join('; ') || null,
      ]);
      return {
        cells: [group.shots, group.spec.name, title, ...verdicts],
        strong: behaves === 'holds',
        rule,
      };
    });
    const notes = [
      ...sampleNotes(request),
      'kernel behaviour: linearization and fixed features, the worse of the two verdicts',
      'linear: f_lin has ≥ 50 % of the gain of fine-tuning over zero-shot',
      'fixed: the mean elementwise relative distance of K(θ_T) from K(θ₀) is < 2',
      'solves: the kernel scores ≥ 90 % of what fine-tuning scores; the worst of the kernels of an optimizer',
    ];
    const headers = ['task', 'optimizer', 'kernel behaviour', 'linear', 'fixed', 'solves', 'where one fails'];
    return {
      tables: {
        behaviour: {
          title: 'Kernel behaviour by task and optimizer',
          columns: [{ header: 'shots' }, ...headers.map((header) => ({ header, align: 'left' as const }))],
          rows,
          notes,
        },
      },
      figures: {},
    };
  },
};
