import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRegistry } from '../../registry/registry.mjs';

let registry: Awaited<ReturnType<typeof startRegistry>>;
beforeAll(async () => {
  registry = await startRegistry({
    upstream: 'http://127.0.0.1:1/',
    isOurs: (name) => name.startsWith('@x/'),
  });
});
afterAll(() => registry.stop());

/** Publishes a package as npm does; @returns the status of the answer, and its error */
const publish = async (name: string, version: string, manifest: Readonly<Record<string, unknown>> = {}) => {
  const answer = await fetch(`${registry.address}${name.replace('/', '%2f')}`, {
    method: 'PUT',
    body: JSON.stringify({
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { name, version, dist: {}, ...manifest } },
      _attachments: { [`${name}-${version}.tgz`]: { data: '' } },
    }),
  });
  const { error } = (await answer.json()) as { error?: string };
  return { status: answer.status, error };
};

test('a package that is published before one that it needs is refused, until that is there', async () => {
  const dependencies = { '@x/b': '^0.2.0', elsewhere: '^1.0.0' };
  const refused = { status: 424, error: '@x/a 0.2.0 needs @x/b ^0.2.0, which is not published yet.' };
  expect(await publish('@x/a', '0.2.0', { dependencies })).toEqual(refused);
  await publish('@x/b', '0.1.0');
  expect(await publish('@x/a', '0.2.0', { dependencies })).toEqual(refused);
  expect(registry.versions()).toEqual({ '@x/b': '0.1.0' });
  await publish('@x/b', '0.2.0');
  expect(await publish('@x/a', '0.2.0', { dependencies })).toEqual({ status: 201, error: undefined });
  expect(registry.versions()).toEqual({ '@x/a': '0.2.0', '@x/b': '0.2.0' });
  expect(registry.tarballs().map(([path]) => path)).toContain('@x/a/-/a-0.2.0.tgz');
});

test.each([
  ['a dependency for one platform', { optionalDependencies: { '@x/absent': '0.1.0' } }, 424],
  ['a peer', { peerDependencies: { '@x/absent': '*' } }, 424],
  [
    'a peer that may be absent',
    { peerDependencies: { '@x/absent': '*' }, peerDependenciesMeta: { '@x/absent': { optional: true } } },
    201,
  ],
  ['a package for its developers', { devDependencies: { '@x/absent': '0.1.0' } }, 201],
])('without %s it answers as an install would', async (_, manifest, status) => {
  expect(await publish('@x/c', '0.1.0', manifest)).toMatchObject({ status });
});
