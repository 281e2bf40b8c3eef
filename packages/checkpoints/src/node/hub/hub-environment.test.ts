import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, proxyOf } from '@ntk-lens/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { hubEnvironment, implicitToken } from './hub-environment.js';

interface Answer {
  readonly error?: string;
  readonly proxies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const script = fileURLToPath(new URL('../../../../../tooling/reference/hub_settings.py', import.meta.url));
const golden = JSON.parse(
  readFileSync(new URL('../../../fixtures/hub-settings.json', import.meta.url), 'utf8'),
) as readonly { readonly setting: Environment; readonly answer: Answer }[];
const addresses = [
  'https://huggingface.co/api',
  'https://cdn-lfs.huggingface.co/x',
  'https://nothuggingface.co/x',
  'http://hub.example:8080/x',
  'http://127.0.0.1:9/x',
  'http://[::1]:9/x',
  'http://localhost:9/x',
];

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'ntk-lens-settings-')));
  for (const [path, text] of [
    ['home/.cache/huggingface/token', ' hf_stored \n'],
    ['login/token', 'hf_login\r\n'],
    ['empty/token', '\n \n'],
  ] as const) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const tokenOf = (env: Environment): string | null => {
  try {
    return implicitToken(env) ?? null;
  } catch (error) {
    return (error as { code?: string }).code === 'WEIGHT_READ' ? 'unreadable' : String(error);
  }
};

/** What this package makes of a setting, in the words of the script. */
const answerOf = (setting: Environment): Answer => {
  const env = Object.fromEntries(
    Object.entries(setting).map(([name, value]) => [name, value?.replaceAll('{ROOT}', root)]),
  );
  try {
    const { cache, tokenFile, offline, copies, endpoint, downloadTimeout, metadataTimeout } =
      hubEnvironment(env);
    const proxies = addresses.flatMap((address) => {
      const proxy = proxyOf(new URL(address), env);
      return proxy === undefined ? [] : [[address, proxy] as const];
    });
    return {
      cache: cache.replaceAll(root, '{ROOT}'),
      tokenFile: tokenFile.replaceAll(root, '{ROOT}'),
      token: tokenOf(env),
      offline,
      copies,
      endpoint: endpoint ?? 'https://huggingface.co',
      downloadTimeout: (downloadTimeout ?? 10_000) / 1000,
      metadataTimeout: (metadataTimeout ?? 10_000) / 1000,
      proxies: Object.fromEntries(proxies),
    };
  } catch (error) {
    return { error: (error as { code?: string }).code === 'BAD_ARGUMENT' ? 'timeout' : String(error) };
  }
};

test.each(golden.map(({ setting, answer }) => [JSON.stringify(setting), setting, answer] as const))(
  'the setting %s means what huggingface_hub makes of it',
  (_, setting, answer) => expect(answerOf(setting)).toEqual(answer),
);

/** Answers of the library that is installed here. */
const askPython = (settings: readonly Environment[]): readonly Answer[] | undefined => {
  const python = process.env['NTK_LENS_PYTHON'] ?? 'python3';
  const { status, stdout } = spawnSync(python, [script], {
    input: JSON.stringify(settings),
    encoding: 'utf8',
  });
  return status === 0 ? (JSON.parse(stdout) as readonly Answer[]) : undefined;
};

const path = fc.oneof(
  fc
    .array(
      fc.constantFrom('~', '/', '$X', `${'$'}{X}`, '$', 'hf', '{', '}', '.', '$HOME', '{ROOT}/login', ' '),
      {
        maxLength: 4,
      },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('{ROOT}/login', '{ROOT}/empty', '~/x'),
);
const truth = fc.constantFrom('1', '0', 'true', 'False', 'YES', 'on', 'off', '', ' 1', 'tRuE');
const token = fc
  .array(fc.constantFrom('hf_x', ' ', '\n', '\r', '\t', 'y'), { maxLength: 5 })
  .map((parts) => parts.join(''));
const hosts = fc
  .array(
    fc.constantFrom(
      'huggingface.co',
      '.huggingface.co',
      'hub.example',
      'hub.example:8080',
      '127.0.0.1',
      '[::1]',
      'co',
      ' ',
    ),
    { maxLength: 3 },
  )
  .map((parts) => parts.join(','));
const proxy = fc.constantFrom('http://p.example:1', 'q.example:2', '', 'http://r.example:3');
const setting = fc.record(
  {
    HOME: fc.constantFrom('{ROOT}/home', '{ROOT}/home/', '/'),
    X: path,
    XDG_CACHE_HOME: path,
    HF_HOME: path,
    HF_HUB_CACHE: path,
    HUGGINGFACE_HUB_CACHE: path,
    HF_TOKEN_PATH: fc.constantFrom('{ROOT}/login/token', '~/token', '$X/token', '{ROOT}/empty/token'),
    HF_TOKEN: token,
    HUGGING_FACE_HUB_TOKEN: token,
    HF_HUB_OFFLINE: truth,
    TRANSFORMERS_OFFLINE: truth,
    HF_HUB_DISABLE_IMPLICIT_TOKEN: truth,
    HF_HUB_DISABLE_SYMLINKS: truth,
    HF_ENDPOINT: fc.constantFrom('https://a.example', 'http://b.example//'),
    HF_HUB_DOWNLOAD_TIMEOUT: fc.constantFrom('5', '0', ' 12', 'x', '1_0'),
    HF_HUB_ETAG_TIMEOUT: fc.constantFrom('5', '0', '+7'),
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    ALL_PROXY: proxy,
    all_proxy: proxy,
    NO_PROXY: hosts,
    no_proxy: hosts,
  },
  { requiredKeys: ['HOME'] },
);

it('150 random settings mean what the installed huggingface_hub makes of them', (context) => {
  const settings = fc.sample(setting, { numRuns: 150, seed: Date.now() });
  const answers = askPython(settings);
  if (!answers)
    return context.skip('python3 with huggingface_hub is not installed (NTK_LENS_PYTHON names it)');
  for (const [i, asked] of settings.entries())
    expect({ asked, ...answerOf(asked) }).toEqual({ asked, ...answers[i] });
});

describe('a proxy', () => {
  const env = { HTTPS_PROXY: 'http://user:secret@p.example:1' };
  it('of a kind that is not spoken is refused, without its password', () => {
    const found = () =>
      proxyOf(new URL('https://x.example'), { ALL_PROXY: 'socks5://user:secret@p.example:1' });
    expect(found).toThrow(/ALL_PROXY/);
    expect(found).not.toThrow(/secret/);
  });
  it.each([
    ['x.example:443', undefined],
    ['*.example', undefined],
    ['y.example x.example', undefined],
    ['.x.example', env.HTTPS_PROXY],
    ['x.example:80', env.HTTPS_PROXY],
  ])('is left out or not with NO_PROXY=%s', (exceptions, expected) =>
    expect(proxyOf(new URL('https://x.example/y'), { ...env, NO_PROXY: exceptions })).toBe(expected),
  );
  it('is left out for an IPv6 address in any writing', () => {
    for (const written of ['::1', '[::1]', '0:0:0:0:0:0:0:1', '[::1]:443'])
      expect(proxyOf(new URL('https://[::1]/'), { ...env, no_proxy: written })).toBeUndefined();
    expect(proxyOf(new URL('https://[::1]/'), { ...env, no_proxy: '[::1]:80,::2' })).toBe(env.HTTPS_PROXY);
  });
});
