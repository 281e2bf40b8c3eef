import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddedTask, loadExamples, sampleKShot } from '@ntk-lens/tasks';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Experiment } from '../run/experiment.js';
import type { Suggestion } from '../run/own-data/suggestion.js';
import { type CliResult, runCli } from '../testing/run-cli.js';
import type { Ask } from './ask.js';

const options = ['--shots', '2', '--limit-test', '4', '--runtime', 'ort-cpu', '--threads', '1', '--quiet'];

/** Rows of the embedded topics, 6 of each, in CSV. */
const csvRows = async (): Promise<string[]> => {
  const { pool } = await embeddedTask('topic');
  const seen = new Map<string, number>();
  return pool.flatMap(({ texts, label }, i) => {
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    return count > 6 ? [] : [`${i},"${texts[0]!.replaceAll('"', '""')}",${label}`];
  });
};

/** The examples of a run on such a file. */
const samplesOf = async (file: string) => {
  const pool = await loadExamples(file, { textColumns: ['body'], labelColumn: 'category' });
  const labels = ['business', 'sports', 'technology', 'world'];
  const { train, dev } = sampleKShot(pool, { shots: 2, seed: 42, labels });
  return { sets: { test: pool.filter((own) => !train.includes(own) && !dev.includes(own)) } };
};

const manifestOf = async (path: string) => JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8'));

/** The words of a command line as a POSIX shell gives them to a program, without that of the program. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)]
    .map(([word]) => word.replace(/'([^']*)'|\\(')/g, (_, inside, quote) => inside ?? quote))
    .slice(1);

describe('a run on a file of one’s own that says nothing of it', () => {
  let folder: string;
  let quick: readonly string[];
  let file: string;
  let result: CliResult;
  let experiment: Experiment;
  beforeAll(async () => {
    folder = await temporaryDirectory();
    const model = await tinyModel(join(folder, 'tiny'));
    quick = ['--model', model, ...options];
    file = join(folder, 'tickets.csv');
    await writeFile(file, ['id,body,category', ...(await csvRows())].join('\n'));
    result = await runCli(['run', '--data', file, '--json', ...quick], { NTK_LENS_OUT: folder });
    if (result.code === 0) experiment = JSON.parse(result.stdout);
  });

  it('finds columns, labels and a prompt, and gives the run the name of the file', async () => {
    expect([result.code, result.stderr]).toMatchObject([0, expect.anything()]);
    expect(experiment.directory).toMatch(/runs\/tickets-2shot-seed42-sgd-tiny$/);
    const { config, task } = experiment;
    expect(config).toMatchObject({ textColumns: ['body'], labelColumn: 'category', limitTest: 4 });
    expect(task).toMatchObject({ name: 'tickets', labels: ['business', 'sports', 'technology', 'world'] });
    const { kernel, sources, suggestion } = await manifestOf(experiment.directory);
    expect(kernel).toMatchObject({ task: 'tickets', labelWords: config.mapping, labelsFrom: 'mapping' });
    expect(sources).toMatchObject({ shots: 'flag', template: 'suggestion', textColumns: 'suggestion' });
    const { prompt, columns, rows } = suggestion as Suggestion;
    expect([columns.text, rows, prompt!.ratedOn]).toEqual([['body'], 24, 8]);
    expect(prompt!.tried[0]).toMatchObject({ template: config.template, words: config.mapping });
  });
  it('writes predictions whose shares are the accuracies of the table', async () => {
    const [header, ...rows] = (await readFile(join(experiment.directory, 'predictions.csv'), 'utf8'))
      .trim()
      .split('\r\n');
    expect(header).toBe('example,text,label,method,prediction,margin');
    const { zeroShot, kernel } = experiment.cells[0]!.scores!;
    for (const [method, { test }] of [
      ['zero-shot', zeroShot!],
      ['SGD kernel (lstsq)', kernel],
    ] as const) {
      const own = rows.map((row) => row.split(',').slice(-4)).filter((cells) => cells[1] === method);
      expect(own).toHaveLength(4);
      expect(own.filter(([label, , prediction]) => label === prediction).length / 4).toBe(test.accuracy);
      expect(own.filter(([, , , margin]) => Number(margin) > 0).length / 4).toBe(test.accuracy);
    }
    expect((await manifestOf(experiment.directory)).files['predictions.csv'].bytes).toBeGreaterThan(0);
  });
  it('prints a command that repeats it, to the same numbers', async () => {
    const shown = await runCli(['run', '--data', file, ...quick], { NTK_LENS_OUT: folder });
    const [line] = shown.stderr.match(/^ntk-lens run .*$/m)!;
    expect(line).toMatch(/--text-columns body --label-column category/);
    expect(shown.stderr).toMatch(/rated on the 8 training texts alone/);
    const again = await runCli([...wordsOf(line), '--json', '--out', join(folder, 'again')]);
    const { config, cells } = JSON.parse(again.stdout) as Experiment;
    expect({ ...config, sources: 0, suggestion: 0 }).toEqual({
      ...experiment.config,
      sources: 0,
      suggestion: 0,
    });
    expect(cells[0]!.scores).toEqual(experiment.cells[0]!.scores);
    expect(again.stderr).not.toMatch(/rated on/);
  });
  it('does not meet a run without data, and refuses one of other data of that name', async () => {
    const other = join(folder, 'other');
    await mkdir(other);
    await writeFile(
      join(other, 'tickets.csv'),
      ['id,body,category', ...(await csvRows()).reverse()].join('\n'),
    );
    const refused = await runCli(['run', '--data', join(other, 'tickets.csv'), ...quick], {
      NTK_LENS_OUT: folder,
    });
    expect([refused.code, refused.stderr]).toMatchObject([2, expect.stringMatching(/--out/)]);
    const embedded = await runCli(['kernel', ...quick], { NTK_LENS_OUT: folder });
    expect(embedded.code).toBe(0);
    expect(await readdir(join(folder, 'runs'))).toHaveLength(2);
  });

  it('suggests the same whatever the examples say that it tests on, and none of a sample that others test on', async () => {
    const { sets } = await samplesOf(file);
    const tested = new Set(sets.test.map(({ texts }) => texts[0]!));
    const changed = join(folder, 'changed.csv');
    const rows = (await csvRows()).map((row) => {
      const [, id, text, label] = /^(\d+),"(.*)",(\w+)$/.exec(row)!;
      return tested.has(text!.replaceAll('""', '"')) ? `${id},"Nothing like it, ${id}",${label}` : row;
    });
    await writeFile(changed, ['id,body,category', ...rows].join('\n'));
    const suggestionOf = async (...more: readonly string[]): Promise<Suggestion> => {
      const { stdout } = await runCli(['zero-shot', '--json', ...more, ...quick], {});
      return JSON.parse(stdout).config.suggestion;
    };
    const wanted = (experiment.config.suggestion as unknown as Suggestion).prompt;
    expect((await suggestionOf('--data', changed)).prompt).toEqual(wanted);
    const several = await suggestionOf('--data', file, '--seeds', '1,2');
    expect(several.prompt).toEqual({ ratedOn: 0, tried: [] });
  });

  describe('on a terminal', () => {
    /** Answers questions one by one. */
    const answering = (...answers: readonly string[]): { ask: Ask; asked: string[] } => {
      const asked: string[] = [];
      const ask: Ask = async (question) => {
        asked.push(question);
        return answers[asked.length - 1] ?? '';
      };
      return { asked, ask };
    };
    const prompted = (answers: ReturnType<typeof answering>, ...more: readonly string[]) =>
      runCli(['prompt', '--data', file, ...quick.slice(0, 4), ...more], {}, undefined, answers.ask);
    it('is asked about, and changed by the answers', async () => {
      const answers = answering(
        't',
        '*cls**snet*',
        '*cls**sent_0*_So_it_is*mask*.*sep+*',
        'w',
        'qqqq',
        'money',
      );
      const { code, stdout, stderr } = await prompted(answers);
      expect([code, stderr]).toMatchObject([0, expect.stringMatching(/piece "snet".*(?:\n.*)*"qqqq"/)]);
      expect(stdout).toMatch(/_So_it_is/);
      expect(stderr.match(/^ntk-lens prompt .*$/m)![0]).toMatch(/So_it_is.*"business":"money"/);
    });
    it('stops with 130, and is not asked about with --yes', async () => {
      expect((await prompted(answering('q'))).code).toBe(130);
      const none = answering();
      expect((await prompted(none, '--yes')).code).toBe(0);
      expect(none.asked).toEqual([]);
    });
    it('reads other columns when the answers name them', async () => {
      const answers = answering('c', 'nothing', 'body', 'category', '');
      const { code, stderr } = await prompted(answers);
      expect([code, stderr]).toMatchObject([0, expect.stringMatching(/one of id, body, category/)]);
    });
  });
});
