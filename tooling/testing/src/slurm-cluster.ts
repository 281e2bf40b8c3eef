import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Folders of daemons, which are not on every PATH. */
const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
const find = (program: string): string | undefined =>
  folders.map((folder) => join(folder, program)).find((file) => existsSync(file));

const missing = ['slurmctld', 'slurmd', 'munged', 'sbatch', 'squeue', 'scontrol', 'scancel'].filter(
  (program) => find(program) === undefined,
);

/** Whether there is a SLURM to test with: its programs, and root, who may start its daemons. */
export const hasSlurm = missing.length === 0 && process.getuid?.() === 0;
if (!hasSlurm)
  console.warn(
    `No SLURM to test with (${missing.length > 0 ? `${missing.join(', ')} missing; apt-get install slurm-wlm munge` : 'its daemons need root'}): tests on it are skipped.`,
  );

/** A cluster of this machine: a controller, and nodes that each run one job at a time. */
export interface SlurmCluster {
  /** The configuration, which programs of SLURM find by the variable SLURM_CONF. */
  readonly conf: string;
  readonly nodes: readonly string[];
  /** Kills a node with SIGKILL: its daemon, and all processes of jobs on it. */
  readonly killNode: (name: string) => void;
  /** Ends everything that was started. */
  readonly stop: () => Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let waited = 0; !holds(); waited += 50) {
    if (waited > 30_000) throw new Error(`SLURM: ${what} within 30 s, it was not.`);
    await sleep(50);
  }
};

/** Processes whose environment has all of these variables. */
const processesWith = (...variables: readonly string[]): readonly number[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const found = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      return variables.every((one) => found.includes(one)) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });

/** The parent of a process, where that is the daemon of a step. */
const stepOf = (pid: number): readonly number[] => {
  try {
    const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
    return /^slurmstepd/.test(readFileSync(`/proc/${parent}/cmdline`, 'utf8')) ? [parent] : [];
  } catch {
    return [];
  }
};

const end = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
};

/**
 * Starts SLURM on the loopback interface: munged, slurmctld, and a slurmd for each node, whose state is in a directory. A node that is
 * killed counts as down after some 25 seconds. There are two partitions; jobs of `urgent` preempt those of `main`, which are
 * put into the queue again.
 */
export const startSlurm = async (directory: string, count = 2): Promise<SlurmCluster> => {
  const [conf, socket] = [join(directory, 'slurm.conf'), join(directory, 'munge.socket')];
  const nodes = Array.from({ length: count }, (_, i) => `n${i + 1}`);
  const host = hostname();
  const ports = await Promise.all(['controller', ...nodes].map(freePort));
  for (const name of ['state', ...nodes]) await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, 'munge.key'), randomBytes(128), { mode: 0o400 });
  const lines = [
    ...[
      'ClusterName=tiny',
      `SlurmctldHost=${host}(127.0.0.1)`,
      `SlurmctldPort=${ports[0]}`,
      'SlurmUser=root',
    ],
    // A job that was put into the queue again waits until its credential has expired.
    ...['AuthType=auth/munge', `AuthInfo=socket=${socket},cred_expire=8`, 'MpiDefault=none'],
    ...[`StateSaveLocation=${directory}/state`, `SlurmdSpoolDir=${directory}/%n`],
    ...[`SlurmctldPidFile=${directory}/slurmctld.pid`, `SlurmdPidFile=${directory}/%n.pid`],
    ...['SelectType=select/cons_tres', 'SelectTypeParameters=CR_Core', 'SwitchType=switch/none'],
    ...['ProctrackType=proctrack/linuxproc', 'TaskPlugin=task/none', 'SchedulerType=sched/builtin'],
    'SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,sched_interval=1',
    ...['SlurmdTimeout=8', 'KillWait=5', 'ReturnToService=2', 'SlurmdParameters=config_overrides'],
    ...['AccountingStorageType=accounting_storage/none', 'JobCompType=jobcomp/none'],
    ...['JobAcctGatherType=jobacct_gather/none', 'PreemptType=preempt/partition_prio', 'PreemptMode=REQUEUE'],
    ...nodes.map(
      (name, i) =>
        `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i + 1]} CPUs=1 RealMemory=64000`,
    ),
    `PartitionName=main Nodes=${nodes.join(',')} Default=YES MaxTime=600 State=UP PriorityTier=1`,
    `PartitionName=urgent Nodes=${nodes.join(',')} MaxTime=60 State=UP PriorityTier=2`,
  ];
  await writeFile(conf, `${lines.join('\n')}\n`);
  const env = { ...process.env, SLURM_CONF: conf };
  const started = new Map<string, ChildProcess>();
  const start = (name: string, program: string, ...argv: readonly string[]): void => {
    started.set(name, spawn(find(program)!, argv, { env, stdio: 'ignore' }));
  };
  const ask = (program: string, ...argv: readonly string[]): string =>
    spawnSync(program, argv, { env, encoding: 'utf8' }).stdout;
  const kill = (name: string, signal: NodeJS.Signals): void => {
    started.get(name)?.kill(signal);
  };
  const stop = async (): Promise<void> => {
    for (const name of [...nodes, 'slurmctld']) kill(name, 'SIGKILL');
    for (const pid of processesWith(`SLURM_CONF=${conf}`)) {
      for (const step of stepOf(pid)) end(step, 'SIGKILL');
      end(pid, 'SIGKILL');
    }
    kill('munged', 'SIGTERM');
    await until('all processes were to end', () =>
      [...started.values()].every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null),
    );
  };
  try {
    start(
      ...(['munged', 'munged', '--foreground', '--force', '--num-threads=2', `--socket=${socket}`] as const),
      ...[`--key-file=${directory}/munge.key`, `--pid-file=${directory}/munged.pid`],
      ...[`--log-file=${directory}/munged.log`, `--seed-file=${directory}/munge.seed`],
    );
    await until('munged was to listen', () => existsSync(socket));
    start('slurmctld', 'slurmctld', '-D', '-L', join(directory, 'slurmctld.log'));
    for (const name of nodes) start(name, 'slurmd', '-D', '-N', name, '-L', join(directory, `${name}.log`));
    await until(
      'all nodes were to be idle',
      () =>
        ask('sinfo', '--noheader', '--Node', '--partition=main', '--format=%t').match(/^idle\s*$/gm)
          ?.length === count,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ conf, nodes, stop },
    killNode: (name) => {
      kill(name, 'SIGKILL');
      for (const pid of processesWith(`SLURM_CONF=${conf}`, `SLURMD_NODENAME=${name}`)) {
        for (const step of stepOf(pid)) end(step, 'SIGKILL');
        end(pid, 'SIGKILL');
      }
    },
  };
};
