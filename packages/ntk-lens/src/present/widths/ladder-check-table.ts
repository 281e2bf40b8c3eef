import type { Table } from '@ntk-lens/report';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { type LadderCheck, ladderStepKinds, ladderSteps } from '@ntk-lens/tensor-programs';
import type { RunConfig } from '../../options/run-config.js';
import { findingsTable, notesOf } from '../check-table.js';

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** Verdicts over widths, with what was measured at each width below. */
export const ladderCheckTable = (run: RunConfig, { rungs, findings, exponents }: LadderCheck): Table => {
  const widths = [...new Set(rungs.map(({ width }) => width))];
  const mean = (width: number, of: (rung: (typeof rungs)[number]) => number) => {
    const values = rungs.filter((rung) => rung.width === width).map(of);
    return short(values.reduce((sum, x) => sum + x, 0) / values.length);
  };
  // The steps of one optimizer have one learning rate at the narrowest.
  const rates = new Map(
    ladderStepKinds.map((kind) => [
      optimizerNamed(ladderSteps[kind].optimizer).title,
      short(rungs[0]!.steps[kind].learningRate),
    ]),
  );
  const absolute = Object.entries(exponents.absoluteError).map(
    ([kind, law]) => `${kind} ${law.slope.toFixed(2)}`,
  );
  return findingsTable(
    `Does the kernel view hold as width grows? ${run.task}, ${run.shots[0]}-shot`,
    findings,
    [
      ...notesOf(findings),
      ...widths.map(
        (width) =>
          `width ${width}: |χ| ${mean(width, ({ chi }) => chi)}; ${ladderStepKinds
            .map(
              (kind) =>
                `${kind} moves f by ${mean(width, ({ steps }) => steps[kind].change)}, error ${mean(width, ({ steps }) => steps[kind].relativeError)}, kernel change ${mean(width, ({ steps }) => steps[kind].kernelChange)}`,
            )
            .join('; ')}`,
      ),
      ...(absolute.length > 0
        ? [`exponents of the absolute linearization error: ${absolute.join(', ')}`]
        : []),
      `learning rates at the narrowest width: ${[...rates].map(([title, rate]) => `${title} ${rate}`).join(', ')}; steps on all ${run.shots[0]}-shot prompts; ${rungs.length} models`,
    ],
  );
};
