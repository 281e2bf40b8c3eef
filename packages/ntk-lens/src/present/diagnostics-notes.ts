import type { KernelDiagnostics } from '@ntk-lens/solvers';

/** Three digits; exponents only where they save zeros. */
const short = (value: number): string => {
  if (!Number.isFinite(value)) return '∞';
  const plain = value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3);
  return plain ? value.toExponential(1).replace('e+', 'e') : String(Number(value.toPrecision(3)));
};

/** `3.1` or, over several kernels, `2.9 to 3.4`. */
const range = (values: readonly number[]): string => {
  const [least, most] = [short(Math.min(...values)), short(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
};

/**
 * The reports of fits on their train kernels, a line a name: size, condition number, effective rank,
 * kernel–target alignment, largest stable learning rate. Several kernels of one name, as over seeds, are a
 * range.
 */
export const diagnosticsNotes = (
  fits: readonly (readonly [name: string, diagnostics: KernelDiagnostics | undefined])[],
): string[] => {
  const byName = new Map<string, KernelDiagnostics[]>();
  for (const [name, diagnostics] of fits) {
    if (diagnostics) byName.set(name, [...(byName.get(name) ?? []), diagnostics]);
  }
  return [...byName].map(([name, list]) => {
    const of = (value: (diagnostics: KernelDiagnostics) => number): string => range(list.map(value));
    return [
      `${name}: ${of(({ size }) => size)} rows`,
      `condition number ${of(({ conditionNumber }) => conditionNumber)}`,
      `effective rank ${of(({ effectiveRank }) => effectiveRank)}`,
      `centred alignment with the targets ${of(({ centredTargetAlignment }) => centredTargetAlignment)}`,
      `largest stable learning rate ${of(({ largestStableLearningRate }) => largestStableLearningRate)}`,
    ].join(', ');
  });
};
