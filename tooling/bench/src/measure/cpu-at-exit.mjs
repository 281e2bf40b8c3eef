// Run with `--import`: the processor seconds of a process, its name and its peak memory become a line of $CPU_LOG when it ends.
import fs from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Threads of a process load this, too, and would count all of its seconds once more.
if (isMainThread)
  process.once('exit', () => {
    const { user, system } = process.cpuUsage();
    const line = {
      command: process.argv[2],
      cpu: (user + system) / 1e6,
      peakMebibytes: process.resourceUsage().maxRSS / 1024,
    };
    fs.appendFileSync(process.env.CPU_LOG, `${JSON.stringify(line)}\n`);
  });
