// A kernel formula of your own: gradients whose elements are raised to a power, between SGD (1) and SignGD (0).
// npx tsx own-formula.ts
import { writeFile } from 'node:fs/promises';
import type { GradientMap, KernelFormula } from '@ntk-lens/kernels';
import { openLens } from '@ntk-lens/lens';
import { lineChart } from '@ntk-lens/report';

/** K(ξ, ξ′) = ⟨φ(∇f(ξ)), φ(∇f(ξ′))⟩ with φ(x) = sign(x) |x|ᵖ, element by element. */
const power = (p: number): KernelFormula => {
  const map: GradientMap = {
    symbol: `sign(∇f) |∇f|^${p}`,
    linear: false, // φ(x + y) is not φ(x) + φ(y): gradients have to be formed
    keepsRankOne: true, // φ(x y) is φ(x) φ(y): one token's gradient need not be
    ternary: false,
    bytes: 4,
    needsFactors: false,
    tensor: (gradient) => gradient.sign().mul(gradient.abs().pow(p)),
    numbers: (gradient) => gradient.map((x: number) => Math.sign(x) * Math.abs(x) ** p) as typeof gradient,
  };
  return { name: 'power', title: `Power ${p}`, settings: { p }, train: map, query: map };
};

const lens = await openLens();
const task = await lens.task('sentiment', { shots: 8, limitTest: 24, seed: 13 });
const parameters = { include: ['*.layer.5.*'] }; // the last layer alone, to be quick
const alignment: { x: number; y: number }[] = [];
const accuracy: { x: number; y: number }[] = [];
for (const p of [1, 0.75, 0.5, 0.25, 0.1]) {
  const kernel = await lens.kernel(task, { formula: power(p), binary: true, parameters });
  const { test, diagnostics } = await lens.solve(kernel);
  alignment.push({ x: p, y: diagnostics!.centredTargetAlignment });
  accuracy.push({ x: p, y: test.accuracy! });
  console.log(
    `p = ${p}: alignment ${alignment.at(-1)!.y.toFixed(3)}, test accuracy ${test.accuracy!.toFixed(3)}`,
  );
}
const svg = lineChart({
  title: 'A formula between SGD (p = 1) and SignGD (p = 0)',
  x: { label: 'power p of the elements of a gradient' },
  y: { label: 'share' },
  panels: [
    {
      series: [
        { label: 'kernel–target alignment', points: alignment },
        { label: 'test accuracy', points: accuracy },
      ],
    },
  ],
});
await writeFile('own-formula.svg', svg);
await lens.close();
