import { isOption } from '../../options/declare.js';
import { flagName } from '../../options/flags.js';
import { runFields } from '../../options/run-config.js';
import type { Units } from '../manifest.js';
import type { Places } from '../places.js';

/** Memory of a worker whose units have no estimate, and what a process needs apart from its units, in MiB. */
const [USUAL, PROCESS] = [4096, 512];

/** The place of the volume in a container. */
const MOUNT = '/units';

export interface JobsOptions {
  readonly image: string;
  /** Claim of a volume that all pods can write to. */
  readonly claim: string;
  readonly jobName: string;
  /** Paths in a container, and names of the Hub, that workers are given again. */
  readonly places: Places;
}

/** Memory of a worker in MiB: the largest unit and the process, with a quarter more. */
const memoryOf = ({ units }: Units): number => {
  const peaks = units.flatMap(({ peakBytes }) => (peakBytes === undefined ? [] : [peakBytes / 2 ** 20]));
  const largest = peaks.length < units.length ? Math.max(USUAL, ...peaks) : Math.max(...peaks);
  return Math.ceil(1.25 * largest + PROCESS);
};

/** JSON is YAML, and quotes whatever stands in it. */
const quoted = (value: unknown): string => JSON.stringify(value);

/**
 * An indexed Job with one index for each planned worker, and a suspended Job that puts the results together, as YAML.
 *
 * @returns a text for `kubectl apply -f -`
 */
export const renderJobs = (units: Units, { image, claim, jobName, places }: JobsOptions): string => {
  const { workers, kind } = units;
  const given = Object.entries(places).flatMap(([name, value]) => {
    const field = runFields[name as keyof Places];
    return value !== undefined && isOption(field) ? [flagName(field), value] : [];
  });
  const container = (own: readonly string[]): string =>
    `containers:
        - name: worker
          image: ${quoted(image)}
          command: ["ntk-lens"]
          args: ${quoted(['worker', '--units', MOUNT, ...own, ...given])}
          resources:
            requests: { cpu: "${kind.threads}", memory: "${memoryOf(units)}Mi" }
            limits: { memory: "${memoryOf(units)}Mi" }
          volumeMounts:
            - { name: work, mountPath: ${MOUNT} }
      volumes:
        - name: work
          persistentVolumeClaim: { claimName: ${quoted(claim)} }`;
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: ${quoted(jobName)}
spec:
  completionMode: Indexed
  completions: ${workers}
  parallelism: ${workers}
  # A pod that is killed is started again, three times for each index.
  backoffLimitPerIndex: 3
  template:
    spec:
      restartPolicy: Never
      ${container(['--index', `$(JOB_COMPLETION_INDEX)/${workers}`])}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: ${quoted(`${jobName}-assemble`)}
spec:
  # It is resumed by hand, after the other Job.
  suspend: true
  backoffLimit: 3
  template:
    spec:
      restartPolicy: Never
      ${container(['--assemble'])}
`;
};
