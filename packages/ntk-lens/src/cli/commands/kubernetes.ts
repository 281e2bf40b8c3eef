import { kubernetesJobs } from '../../options/all.js';
import { command } from '../command.js';
import { places } from './worker.js';

export const kubernetesCommand = command({
  name: 'kubernetes',
  docs: 'docs/scale.md',
  summary: 'prints jobs of Kubernetes for work that was planned for several processes',
  description:
    'Prints a manifest for kubectl: an indexed Job with one index for each planned worker, and a suspended Job that puts the results together. Processors and memory follow from the plan. Give models and data that lie outside of the directory by their paths in a container.',
  options: [kubernetesJobs, places],
  examples: [['ntk-lens kubernetes … | kubectl apply -f -', 'submits the jobs of a directory']],
  run: async ({ flags }) => {
    const { units: directory, image, claim, jobName, ...given } = flags;
    const { resolve } = await import('node:path');
    const { readUnits } = await import('../../units/manifest.js');
    const { withPlaces } = await import('../../units/places.js');
    const { renderJobs } = await import('../../units/kubernetes/render-jobs.js');
    const path = resolve(directory);
    const units = await readUnits(path);
    withPlaces(path, units, given);
    const manifest = renderJobs(units, { image, claim, jobName, places: given });
    return { result: { format: 'ntk-lens-kubernetes', version: 1, manifest }, shown: () => manifest };
  },
});
