import { files, machine, outOption, report } from '../../options/all.js';
import { group, only } from '../../options/declare.js';
import { command } from '../command.js';
import { programName } from '../program-name.js';

export const demoCommand = command({
  name: 'demo',
  summary: 'answers the question of this program on the embedded model and task, within a minute',
  description:
    'Solves the kernel of the embedded model on the embedded task, fine-tunes the model for a few steps, and compares both with majority and zero-shot. It says whether the kernel solves the task and whether fine-tuning is linear, and draws a figure.',
  options: [
    only(machine, 'runtime', 'threads', 'memory', 'profile'),
    group('command', 'Files', { out: outOption('runs/demo'), force: files.fields.force }),
    report,
  ],
  run: async ({ run, flags: { out, force }, around, long }) => {
    const { writeWhole } = await import('@ntk-lens/core');
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { runsFolder } = await import('../../options/layers.js');
    const { runDemo } = await import('../../run/demo/demo.js');
    const { leaveDirectoryReport } = await import('../../present/report/leave-report.js');
    const { demoFigure, demoTable, figureOf } = await import('../../present/demo-screen.js');
    const config = await resolveConfig(run, undefined, around);
    const demo = await runDemo(config, { ...long, out, force, runs: await runsFolder(around) });
    const figure = figureOf(demo);
    await writeWhole(figure, demoFigure(demo));
    const { directory } = demo;
    const reports = [await leaveDirectoryReport(directory)];
    return { result: demo, shown: [demoTable(demo, figure, programName(around.env))], directory, reports };
  },
});
