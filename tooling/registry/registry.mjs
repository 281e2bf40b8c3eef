// A registry of npm packages on loopback: it takes what is published to it, holds it in memory, and answers everything
// else from another registry. Well-known ones are as large as this project, and bring what no stranger has.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** Package managers may refuse what is younger than some days. */
const published = new Date(Date.now() - 30 * 24 * 3600_000).toISOString();

/** The packages that an install of a manifest brings, with their ranges. */
const neededBy = ({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} }) =>
  Object.entries({ ...peerDependencies, ...dependencies, ...optionalDependencies }).filter(
    ([name]) => !peerDependenciesMeta[name]?.optional,
  );

/**
 * Starts the registry. It refuses one of our packages that is published before those of ours that it needs: who installs
 * it meanwhile, or after a release that stopped there, gets an error.
 *
 * @param {{ upstream: string, isOurs: (name: string) => boolean }} options `upstream` ends with a slash; of our names it
 *   is never asked
 * @returns its address, a function that stops it, the versions published by name, and the tarballs by path
 */
export const startRegistry = async ({ upstream, isOurs }) => {
  const documents = new Map();
  const tarballs = new Map();
  const elsewhere = new Map();
  let address = '';

  const isThere = (name, range) => {
    const versions = Object.keys(documents.get(name)?.versions ?? {});
    return range === '*' ? versions.length > 0 : versions.includes(range.replace(/^[~^]/, ''));
  };

  const publish = ({ name, versions, 'dist-tags': tags, _attachments: attachments }) => {
    for (const [version, manifest] of Object.entries(versions)) {
      const missing = neededBy(manifest).find(([other, range]) => isOurs(other) && !isThere(other, range));
      if (missing) {
        const error = `${name} ${version} needs ${missing.join(' ')}, which is not published yet.`;
        return [424, { error }];
      }
    }
    const document = documents.get(name) ?? { name, 'dist-tags': {}, versions: {}, time: {} };
    Object.assign(document['dist-tags'], tags);
    for (const [version, manifest] of Object.entries(versions)) {
      const [[file, { data }]] = Object.entries(attachments);
      const path = `${name}/-/${file.split('/').at(-1)}`;
      tarballs.set(path, Buffer.from(data, 'base64'));
      manifest.dist.tarball = `${address}${path}`;
      document.versions[version] = manifest;
      document.time[version] = published;
    }
    documents.set(name, document);
    return [201, { ok: true }];
  };

  const ask = async (path, accept = '*/*') => {
    const key = `${accept} ${path}`;
    if (!elsewhere.has(key)) {
      elsewhere.set(
        key,
        fetch(`${upstream}${path}`, { headers: { accept } }).then(async (answer) => [
          answer.status,
          Buffer.from(await answer.arrayBuffer()),
          answer.headers.get('content-type'),
        ]),
      );
    }
    return elsewhere.get(key);
  };

  const answer = async (request) => {
    const path = request.url.slice(1);
    const name = decodeURIComponent(path);
    if (request.method === 'PUT') return publish(await json(request));
    if (request.method !== 'GET') return [404, { error: 'not_found' }];
    if (tarballs.has(name)) return [200, tarballs.get(name), 'application/octet-stream'];
    if (documents.has(name)) return [200, documents.get(name)];
    return isOurs(name) ? [404, { error: 'not_found' }] : ask(path, request.headers.accept);
  };

  const server = createServer((request, response) => {
    answer(request)
      .catch((error) => [502, { error: String(error) }])
      .then(([status, body, type = 'application/json']) => {
        response.writeHead(status, { 'content-type': type });
        response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
      });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${server.address().port}/`;
  return {
    address,
    tarballs: () => [...tarballs],
    versions: () => Object.fromEntries([...documents].map(([name, d]) => [name, d['dist-tags'].latest])),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
