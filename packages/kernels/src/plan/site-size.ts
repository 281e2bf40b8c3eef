import type { Site } from '@ntk-lens/models';
import type { SiteSize } from '../contract/gram-programs.js';

/** Inputs and outputs of a linear site: of the part of the weight that it uses. */
export const siteSize = ({ weight, inFirst }: Extract<Site, { kind: 'linear' }>): SiteSize => {
  const [first, second] = partShape(weight);
  return inFirst ? { inSize: first, outSize: second } : { inSize: second, outSize: first };
};

const partShape = ({
  shape,
  part,
}: {
  readonly shape: readonly number[];
  readonly part?: unknown;
}): [number, number] => {
  const [rows, columns] = shape as [number, number];
  const p = part as { rows?: readonly number[]; axis?: number; size?: number } | undefined;
  if (p?.rows) return [p.rows.length, columns];
  if (p?.axis === 0) return [p.size!, columns];
  if (p?.axis === 1) return [rows, p.size!];
  return [rows, columns];
};
