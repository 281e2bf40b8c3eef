import { Mt19937 } from './packages/core/src/node.ts';
import { mkdtemp } from 'node:fs/promises';
import { bundleProgram } from './packages/ntk-lens/src/testing/bundle-program.ts';
import { killScenarios } from './packages/ntk-lens/src/testing/kills/scenarios.ts';
import { downloadScenario } from './packages/ntk-lens/src/testing/kills/download-scenario.ts';
import { killAndResume } from './packages/ntk-lens/src/testing/kills/kill-and-resume.ts';
const p = await mkdtemp('/tmp/soak-kill-');
const program = await bundleProgram(p+'/program');
const all=[...await killScenarios(program,p), await downloadScenario(program,p+'/model')];
for (const s of all) { if (process.argv[2] && s.name!==process.argv[2]) continue; const t=performance.now();
 try { console.log(s.name, await killAndResume(s,p+'/'+s.name.replace(/ /g,'-'),{kills:4,random:new Mt19937(1)}),performance.now()-t); } catch(e){console.log(s.name,String(e).slice(0,1500))}}
process.exit(0);
