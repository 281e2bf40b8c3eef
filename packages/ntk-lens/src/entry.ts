#!/usr/bin/env node
// The command starts this file. It is all that an old Node reads: bin.js has syntax that Node 18 does not know.
import manifest from '../package.json' with { type: 'json' };

const { node } = process.versions;
const wanted = manifest.engines.node.replace('>=', '');
const [major = 0, minor = 0] = node.split('.').map(Number);
const [leastMajor = 0, leastMinor = 0] = wanted.split('.').map(Number);
if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) {
  await import('./bin.js');
} else {
  process.stderr.write(
    `error: ntk-lens needs Node ${wanted} or later, and this is Node ${node}. Install a newer one (https://nodejs.org).\n`,
  );
  process.exitCode = 2;
}
