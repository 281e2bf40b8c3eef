import { writeFileSync } from 'node:fs';
import { Mt19937, ndarray } from '@ntk-lens/core';
import { createRuntime } from '@ntk-lens/engine';
import { lineChart, math } from '@ntk-lens/report';
import { checkInfiniteWidth } from '@ntk-lens/tensor-programs';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';

const options = optionsOf('infinite-width');
await printHeading(options);
const widths = [32, 64, 128, 256, 512, 1024];
const seeds = Array.from({ length: options.seeds }, (_, seed) => seed);
const shapes = [
  { nonlinearity: 'relu', hiddenLayers: 1, weightScale: Math.SQRT2 },
  { nonlinearity: 'relu', hiddenLayers: 3, weightScale: Math.SQRT2 },
  { nonlinearity: 'erf', hiddenLayers: 1, weightScale: 1.5, biasScale: 0.3 },
  { nonlinearity: 'erf', hiddenLayers: 3, weightScale: 1.5, biasScale: 0.3 },
] as const;

const random = new Mt19937(11);
const features = Float64Array.from({ length: 24 }, () => random.standardNormal());
const inputs = ndarray<'float64'>(features, [4, 6]);
const runtime = await createRuntime(options);
const series = [];
for (const shape of shapes) {
  const { errors, law } = await checkInfiniteWidth({ shape, runtime, inputs, widths, seeds });
  const [low, high] = law.interval.map((slope) => slope.toFixed(2));
  console.log(`${shape.nonlinearity} ${shape.hiddenLayers}: slope ${law.slope.toFixed(3)} [${low}, ${high}]`);
  series.push({
    label: `${shape.nonlinearity}, ${shape.hiddenLayers} hidden: slope ${law.slope.toFixed(2).replace('-', '−')}`,
    points: errors.map(({ width, values: found }) => ({
      x: width,
      y: Math.exp(found.reduce((sum, error) => sum + Math.log(error), 0) / found.length),
    })),
  });
}
await runtime.close();

const start = series[0]!.points[0]!.y;
const chart = lineChart({
  title: 'Empirical NTK of random perceptrons against its closed form',
  x: { label: ['width ', math`n`], scale: 'log' },
  y: { label: math`‖K̂ − Θ‖ / ‖Θ‖`, scale: 'log' },
  panels: [
    {
      series: [
        ...series,
        {
          label: math`n^{−1/2}`,
          fit: true,
          points: widths.map((width) => ({ x: width, y: start * Math.sqrt(widths[0]! / width) })),
        },
      ],
    },
  ],
});
writeFileSync(options.out, chart);
console.log(`wrote ${options.out}`);
