import { cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../testing/run-cli.js';

/** Runs `ntk-lens run` on the embedded model; it must be refused with exit code 2 before anything is written. */
const refused = async (...argv: string[]): Promise<string> => {
  const out = join(await temporaryDirectory(), 'out');
  const { code, stdout, stderr } = await runCli(['run', '--quiet', '--json', '--out', out, ...argv]);
  const error = JSON.parse(stderr);
  expect({ code, stdout, error }).toMatchObject({ code: 2, stdout: '', error: { kind: 'input' } });
  await expect(readdir(out)).rejects.toThrow();
  return `${error.code}: ${error.message}`;
};

describe('bad input is refused with exit code 2 before any work', () => {
  it('unknown task: lists the tasks and the nearest', async () => {
    const message = await refused('--task', 'sentimant');
    expect(message).toMatch(/^UNKNOWN_TASK: .*Did you mean "sentiment"\?.*SST-2.*MNLI/);
  });
  it('a task without its data', async () => {
    expect(await refused('--task', 'SST-2')).toMatch(/data directory/);
    expect(await refused('--task', 'SST-2', '--data', await temporaryDirectory())).toMatch(
      /^MISSING_DATA: .*16-42/,
    );
  });
  it('unknown model directory: lists what exists', async () => {
    const parent = await temporaryDirectory();
    await mkdir(join(parent, 'mine'));
    await writeFile(join(parent, 'mine', 'config.json'), '{"model_type":"bert"}');
    const message = await refused('--model', join(parent, 'yours'));
    expect(message).toMatch(/^UNKNOWN_MODEL: /);
    expect(message).toContain(`need no network: minilm-mlm, ${join(parent, 'mine')}.`);
    expect(message).not.toMatch(/Did you mean/);
    expect(await refused('--model', join(parent, 'mien'))).toContain(
      `Did you mean "${join(parent, 'mine')}"?`,
    );
    expect(await refused('--model', 'a--b')).toMatch(/^UNKNOWN_MODEL: /);
    expect(await refused('--model', parent)).toMatch(/holds mine, but no config\.json/);
    expect(await refused('--model', join(parent, 'mine', 'config.json'))).toMatch(/a file, not a directory/);
  });
  it('a label word that is more than one token: shows its pieces', async () => {
    const message = await refused('--mapping', '{"negative":"terrible","positive":"unputdownable"}');
    expect(message).toMatch(/^MULTI_TOKEN_LABEL_WORD: .*"unputdownable" is \d tokens \("un", "##put/);
  });
  it('labels missing from the mapping, and a mapping that is none', async () => {
    expect(await refused('--mapping', '{"negative":"bad"}')).toMatch(/^MISSING_LABELS: .*"positive"/);
    expect(await refused('--mapping', 'bad,good')).toMatch(/^MAPPING_SYNTAX: /);
  });
  it('a template without a mask, with an unknown piece, or with a sentence that is not there', async () => {
    expect(await refused('--template', '*cls**sent_0**sep+*')).toMatch(/mask/);
    expect(await refused('--template', '*cls**sentence*_It_was*mask**sep+*')).toMatch(/sentence/);
    expect(await refused('--template', '*cls**sent_1*_It_was*mask**sep+*')).toMatch(/sent_1/);
  });
  it('a template that loses its mask: names the example', async () => {
    const long = Array.from({ length: 140 }, () => 'very').join('_');
    const message = await refused('--template', `*cls**sent_0*_It_was_${long}*mask*.*sep+*`);
    expect(message).toMatch(/^BAD_EXAMPLE: train example 1: .*loses the mask/);
  });
  it('options that cannot go together or do not exist', async () => {
    expect(await refused('--task', 'topic', '--binary')).toMatch(/needs 2 labels/);
    expect(await refused('--formula', 'a-signgd')).toMatch(/Add --binary/);
    expect(await refused('--solver', 'magic')).toMatch(/lstsq/);
    expect(await refused('--runtime', 'abacus')).toMatch(/ort-cpu/);
    expect(await refused('--shots', '500')).toMatch(/^TOO_FEW_EXAMPLES/);
  });
  it('an output directory that cannot be made', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    const { code, stderr } = await runCli(['run', '--quiet', '--json', '--out', join(file, 'x')]);
    expect([code, JSON.parse(stderr)]).toMatchObject([
      2,
      {
        code: 'FILE_SYSTEM',
        message: expect.stringMatching(/file\/x: a part of the path is a file .*\(ENOTDIR\)/),
      },
    ]);
    for (const argv of [
      ['split', '-t', 'mr', '--original', 'x', '--out'],
      ['tasks', 'get', 'mr', '--dir'],
    ])
      expect((await runCli([...argv, join(file, 'x')])).stderr).toMatch(/ENOTDIR/);
  });
  it('data that are no directory and no file of a known kind, or not there', async () => {
    const folder = await temporaryDirectory();
    await writeFile(join(folder, 'x.txt'), 'a');
    expect(await refused('--data', join(folder, 'x.txt'))).toMatch(
      /^BAD_ARGUMENT: --data: found \S+x\.txt", expected a \.csv, \.tsv, \.jsonl/,
    );
    const missing = await refused('--data', join(folder, 'no.csv'));
    expect(missing.match(/no\.csv/g)).toHaveLength(1);
    expect((await runCli(['solve', join(folder, 'nothing')])).stderr).toMatch(
      /nothing: there is no such file/,
    );
  });
  it('a column of texts that no prompt would show', async () => {
    const file = join(await temporaryDirectory(), 'own.csv');
    await writeFile(file, `a,b,label\n${'fine,warm,positive\ndull,cold,negative\n'.repeat(2)}`);
    const template = '*cls**sent_0*_It_was*mask*.*sep+*';
    const message = await refused('--data', file, '--text-columns', 'a,b', '--template', template);
    expect(message).toMatch(
      /^CONFLICTING_OPTIONS: --text-columns names 2 columns, .* reads 1\. Write a --template/,
    );
  });
  it('a table in another encoding, or with other cells than its header', async () => {
    const file = join(await temporaryDirectory(), 'own.csv');
    await writeFile(file, Buffer.from('\ufefftext,label\nfine,positive\n', 'utf16le'));
    expect(await refused('--data', file)).toMatch(/^TEXT_ENCODING: .*UTF-16LE.*iconv -f UTF-16LE/);
    await writeFile(file, 'label;text\npositive;fine; warm\n');
    expect(await refused('--data', file)).toMatch(
      /^DATA_FORMAT: .*own\.csv:2: found 3 cells.*another --delimiter/,
    );
    expect(await refused('--data', file, '--delimiter', '|')).toMatch(
      /^COLUMN_CHOICE: .*"label;text" .*--label-column, and the --delimiter/,
    );
    await writeFile(file, 'label;text\npositive;fine\nnegative;dull\n');
    expect(await refused('--data', file, '--text-columns', 'body')).toMatch(
      /^MISSING_COLUMN: .*no column "body"\. Columns: label, text/,
    );
  });
  it('a config file that is missing, is no JSON, or has fields that no run has', async () => {
    const file = join(await temporaryDirectory(), 'config.json');
    expect(await refused('--config', file)).toMatch(/^CONFIG_FILE: .*no such readable file/);
    await writeFile(file, '{"task": ');
    expect(await refused('--config', file)).toMatch(/not JSON/);
    await writeFile(file, '{"task": "topic", "shot": [16]}');
    expect(await refused('--config', file)).toMatch(/shot/);
    await writeFile(file, '{"seeds": [-1]}');
    expect(await refused('--config', file)).toMatch(/seeds/);
  });
});

describe('a model directory with bad files is refused with exit code 2', () => {
  const copy = async (): Promise<string> => {
    const path = join(await temporaryDirectory(), 'model');
    await cp(modelDirectory, path, { recursive: true });
    return path;
  };
  type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  /** Rewrites the header of a safetensors file, its data as they are. */
  const rewrite = async (path: string, change: (header: Header, data: Uint8Array) => void): Promise<void> => {
    const file = join(path, 'model.safetensors');
    const bytes = await readFile(file);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Header;
    const data = bytes.subarray(8 + length);
    change(header, data);
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    await writeFile(file, Buffer.concat([size, text, data]));
  };
  const layerNorm = 'bert.encoder.layer.3.output.LayerNorm.weight';

  it('truncated safetensors', async () => {
    const path = await copy();
    await truncate(join(path, 'model.safetensors'), 1_000_000);
    expect(await refused('--model', path)).toMatch(/truncated|bytes/i);
  });
  it('safetensors that lie about offsets', async () => {
    const path = await copy();
    await rewrite(path, (header) => {
      header[layerNorm]!.data_offsets[1] += 4;
    });
    expect(await refused('--model', path)).toContain(layerNorm);
  });
  it('a dtype that is not read', async () => {
    const path = await copy();
    await rewrite(path, (header) => {
      header[layerNorm]!.dtype = 'F8_E4M3';
    });
    expect(await refused('--model', path)).toMatch(/F8_E4M3/);
  });
  it('weights missing: named', async () => {
    const path = await copy();
    await rewrite(path, (header) => {
      header['elsewhere'] = header[layerNorm]!;
      delete header[layerNorm];
    });
    expect(await refused('--model', path)).toContain(layerNorm);
  });
  it('weights of another shape: named', async () => {
    const path = await copy();
    await rewrite(path, (header) => {
      header[layerNorm]!.shape = [192, 2];
    });
    expect(await refused('--model', path)).toContain(layerNorm);
  });
  it('NaN in weights: named, before anything is computed', async () => {
    const path = await copy();
    await rewrite(path, (header, data) => {
      const [start] = header[layerNorm]!.data_offsets;
      data.set([0x00, 0x7e], start + 10);
    });
    const out = join(await temporaryDirectory(), 'out');
    const { code, stderr } = await runCli(['run', '--quiet', '--shots', '1', '--model', path, '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toContain(layerNorm);
    expect(stderr).toMatch(/NaN/);
    expect((await readdir(out)).filter((name) => name.endsWith('.npy'))).toEqual([]);
  });
  it('an architecture that is not supported: lists those that are', async () => {
    const path = await copy();
    await writeFile(join(path, 'config.json'), '{"model_type":"mamba"}');
    expect(await refused('--model', path)).toMatch(/mamba.*albert.*roberta/);
  });
  it('a tokenizer that is not there', async () => {
    const path = join(await temporaryDirectory(), 'model');
    await mkdir(path);
    for (const name of ['config.json', 'model.safetensors'])
      await cp(join(modelDirectory, name), join(path, name));
    expect(await refused('--model', path)).toMatch(/tokenizer/);
  });
});

describe('a model of the Hub that cannot be had', () => {
  afterEach(() => vi.unstubAllEnvs());
  it('offline: says so and lists what is here', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    vi.stubEnv('HF_HUB_CACHE', await temporaryDirectory());
    const message = await refused('--model', 'someone/some-model');
    expect(message).toMatch(/^OFFLINE_MODEL: .*never downloaded.*minilm-mlm/);
  });
  it('unreachable: says that there is no such directory either', async () => {
    // Nobody listens on port 9 of this machine.
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    vi.stubEnv('HF_HUB_CACHE', await temporaryDirectory());
    const message = await refused('--model', 'some-model');
    expect(message).toMatch(
      /^UNKNOWN_MODEL: .*no such directory, and the Hub, http:\/\/127\.0\.0\.1:9, cannot be asked.*need no network: minilm-mlm\./,
    );
    expect(message).not.toMatch(/api\/models|Finished parts/);
  });
});
