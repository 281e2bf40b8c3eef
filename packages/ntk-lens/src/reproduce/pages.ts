import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, writeWhole } from '@ntk-lens/core';
import { loadKernel } from '@ntk-lens/lens/stored';
import type { Table } from '@ntk-lens/report';
import { type Page, type Part, renderPage, type Section, showsResults } from '@ntk-lens/report/page';
import type { PartName } from '../options/reproduce.js';
import type { RunConfig } from '../options/run-config.js';
import { namedKernel } from '../present/figures.js';
import { checkPage } from '../present/report/check-page.js';
import { kernelSections } from '../present/report/kernel-parts.js';
import { MOST_KERNELS, mostOf } from '../present/report/kernel-size.js';
import { provenanceSection } from '../present/report/provenance.js';
import { reportName } from '../present/report/write-report.js';
import { readExamples } from '../run/examples-file.js';
import { readResult } from '../run/read-result.js';
import { programAndVersion } from '../version.js';
import { checkFolder } from './cells/check-cell.js';
import type { KernelResult } from './cells/kernel-cell.js';
import { parts } from './parts/index.js';
import type { PartRequest, TaskOfPart, Told } from './parts/part.js';

/** Everything that pages show of a reproduction. */
export interface ShownReproduction {
  readonly directory: string;
  readonly request: PartRequest;
  readonly model: { readonly name: string; readonly hash: string };
  readonly told: readonly (readonly [PartName, Told])[];
  /** Folders of kernels, with their results. */
  readonly kernels: readonly (readonly [folder: string, result: KernelResult])[];
}

/** Rows on one task, in the tables of all parts. */
const tablesOf = (told: ShownReproduction['told'], task: string): readonly Table[] =>
  told.flatMap(([, { tables }]) =>
    Object.values(tables).flatMap((table) => {
      const rows = table.rows.filter(({ cells }) => cells[1] === task);
      return rows.length > 0 ? [{ ...table, rows }] : [];
    }),
  );

const table = (one: Table): Part => ({ kind: 'table', table: one });

const provenance = ({ model, request }: ShownReproduction): Promise<Section> => {
  const { run, check, ...rest } = request.config;
  return provenanceSection({
    facts: { model: model.name, 'SHA-256 of the model': model.hash },
    config: { ...check, ...run, ...rest, sources: undefined },
    directories: [],
  });
};

/** The page of all parts, with links to those of the tasks. */
const indexPage = async (shown: ShownReproduction): Promise<Page> => ({
  title: "The paper's protocol",
  subtitle: `${shown.model.name}; these are numbers of ntk-lens on this model and these data, not those of the paper`,
  sections: [
    {
      title: 'Tasks',
      parts: [
        ...(shown.request.missing.length > 0
          ? [{ kind: 'text' as const, text: `Left out, without data: ${shown.request.missing.join(', ')}.` }]
          : []),
        {
          kind: 'links',
          links: shown.request.tasks.map(({ spec: { name } }) => ({
            to: `${name}/${reportName}`,
            text: name,
          })),
        },
      ],
    },
    ...shown.told.map(
      ([name, { tables, figures }]): Section => ({
        title: parts[name].title,
        parts: [
          ...Object.values(tables).map(table),
          ...Object.values(figures).map((svg): Part => ({ kind: 'figure', svg })),
        ],
      }),
    ),
    await provenance(shown),
  ],
  madeBy: programAndVersion,
});

/** Kernels of a task: the first one stands open. */
const kernelsOf = async (
  { directory, kernels }: ShownReproduction,
  { spec }: TaskOfPart,
): Promise<readonly Section[]> => {
  const own = kernels.filter(
    ([folder]) => folder.startsWith(`${spec.name}/`) && existsSync(join(directory, folder, 'train.npy')),
  );
  const sections: Section[] = [];
  for (const [i, [folder, cell]] of own.slice(0, MOST_KERNELS).entries()) {
    const path = join(directory, folder);
    const { splits } = await loadKernel(path);
    const kernel = { ...namedKernel(cell, splits, spec.labels), examples: await readExamples(path) };
    sections.push({
      ...{ title: `${kernel.name}, ${kernel.sample}`, parts: [], folded: i > 0 },
      sections: await kernelSections(kernel, mostOf(own.length)),
    });
  }
  return sections;
};

/** Verdicts, trajectories and kernels of the checks of a task, one for each number of shots; nothing where none ran. */
const checksOf = async (directory: string, { shots, seeds }: RunConfig): Promise<readonly Section[]> => {
  const there = shots
    .map((k) => ({ k, own: join(directory, checkFolder({ shots: [k], seeds })) }))
    .filter(({ own }) => existsSync(join(own, 'findings.json')));
  const sections: Section[] = [];
  for (const { k, own } of there) {
    const found = await readResult(own);
    if (found.format !== 'ntk-lens-findings') continue;
    const { parts: top = [], sections: below } = await checkPage(found, own, there.length);
    sections.push({
      title: there.length > 1 ? `Check, ${k}-shot` : 'Check',
      ...{ parts: top, sections: below.filter(({ title }) => title !== 'Provenance') },
      folded: sections.length > 0,
    });
  }
  return sections;
};

const taskPage = async (shown: ShownReproduction, task: TaskOfPart, results: string): Promise<Page> => {
  const { name } = task.spec;
  const checks = await checksOf(join(shown.directory, name), task.run);
  const kernels = checks.length > 0 ? [] : await kernelsOf(shown, task);
  return {
    title: name,
    subtitle: shown.model.name,
    sections: [
      { title: 'Results', parts: tablesOf(shown.told, name).map(table) },
      ...checks,
      ...(kernels.length > 0 ? [{ title: 'Kernels', parts: [], sections: kernels }] : []),
      await provenance(shown),
    ],
    madeBy: programAndVersion,
    results,
  };
};

/**
 * Writes `report.html` of a reproduction, and one in the folder of every task. A page of a task that shows the same results stays
 * as it is: its kernels need not be read.
 *
 * @throws what reading kernels throws; FileSystemError
 */
export const writePages = async (shown: ShownReproduction): Promise<void> => {
  const { directory, request, told, kernels } = shown;
  for (const task of request.tasks) {
    const { name } = task.spec;
    const own = kernels.filter(([folder]) => folder.startsWith(`${name}/`));
    const made = [programAndVersion, shown.model.hash, tablesOf(told, name), own];
    const results = sha256().update(JSON.stringify(made)).hex();
    const path = join(directory, name, reportName);
    const known = existsSync(path) ? await readFile(path, 'utf8') : '';
    if (!showsResults(known, results))
      await writeWhole(path, renderPage(await taskPage(shown, task, results)));
  }
  await writeWhole(join(directory, reportName), renderPage(await indexPage(shown)));
};
