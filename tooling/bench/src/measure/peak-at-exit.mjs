// Loaded into a program that is measured: says its peak memory and processor time when it ends.
import { readFileSync, writeFileSync } from 'node:fs';

process.once('exit', () => {
  const file = process.env.NTK_LENS_BENCH_PEAK;
  if (!file) return;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  let peakKibibytes = maxRSS;
  try {
    // The kernel's own mark, where there is one.
    peakKibibytes = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {}
  writeFileSync(file, JSON.stringify({ peakKibibytes, cpu: (userCPUTime + systemCPUTime) / 1e6 }));
});
