import { group, option } from './declare.js';
import { type Kind, path, text, ValueError } from './kinds.js';

/** A name that Kubernetes takes, with room for what is added to it. */
const jobName: Kind<string> = {
  parse: (given) => {
    if (!/^[a-z]([a-z\d-]{0,48}[a-z\d])?$/.test(given))
      throw new ValueError('at most 50 lower-case letters, digits and hyphens, with a letter first');
    return given;
  },
  schema: (z) => z.string().regex(/^[a-z]([a-z\d-]{0,48}[a-z\d])?$/),
};

/** Jobs of Kubernetes that are printed. */
export const kubernetesJobs = group('command', 'Kubernetes', {
  units: option('--units <dir>', path, 'reads the plan that --plan-units left in a directory', {
    required: true,
  }),
  image: option('--image <name>', text, 'runs containers of this image, which has the program ntk-lens', {
    required: true,
  }),
  claim: option(
    '--claim <name>',
    text,
    'mounts the volume of this claim, whose root is the directory of the units',
    {
      required: true,
    },
  ),
  jobName: option('--job-name <name>', jobName, 'names the jobs', { default: 'ntk-lens' }),
});
