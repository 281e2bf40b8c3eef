import { type NormSite, usedSize } from '@ntk-lens/models';
import { type KernelSite, sumOf } from './kernel-site.js';

/** ∂scale = Σ_t b_t ∘ a_t, ∂shift = Σ_t b_t. */
export const norm: KernelSite<NormSite> = {
  form: () => 'vector',
  vectorRows: ({ scale }) => ({ row: 0, rows: usedSize(scale), width: 1 }),
  vector: (_site, role, b, a) => (role === 'scale' ? b.mul(a) : b).sum(1),
  needsActivation: (_site, moving) => moving('scale'),
  along: (_site, { direction, activation }) => {
    const scale = direction('scale');
    return sumOf(scale && activation().mul(scale), direction('shift'));
  },
};
