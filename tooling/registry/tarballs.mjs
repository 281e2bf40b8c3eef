// Looks into the tarballs that a release publishes. Everybody downloads them, and a registry shows a page of each.
import { gunzipSync } from 'node:zlib';

/** A text of a header, up to the first zero. */
const textIn = (bytes) => bytes.toString('utf8').replace(/\0[\s\S]*$/, '');

/**
 * The files of a tarball by their paths, without the folder that npm puts around them.
 *
 * @param {Buffer} tarball
 * @returns {Map<string, Buffer>}
 */
export const filesOf = (tarball) => {
  const tar = gunzipSync(tarball);
  const files = new Map();
  let longName;
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const header = tar.subarray(at, at + 512);
    const size = Number.parseInt(textIn(header.subarray(124, 136)).trim() || '0', 8);
    const body = tar.subarray(at + 512, at + 512 + size);
    const type = String.fromCharCode(header[156]);
    const prefix = textIn(header.subarray(345, 500));
    const name = textIn(header.subarray(0, 100));
    // A name that is too long for a header stands in an entry of its own before it.
    if (type === 'x') longName = /^\d+ path=(.*)$/m.exec(body.toString('utf8'))?.[1];
    else if (type === 'L') longName = textIn(body);
    else {
      const path = longName ?? (prefix ? `${prefix}/${name}` : name);
      if (type === '0' || type === '\0') files.set(path.replace(/^[^/]+\//, ''), body);
      longName = undefined;
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
};

/**
 * Links and images of a page of Markdown that lead nowhere on the page of a registry.
 *
 * @param {string} text
 * @returns {readonly string[]}
 */
export const relativeLinks = (text) => {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  const patterns = [/\]\(([^)\s]+)[^)]*\)/g, /^\[[^\]]+\]:\s*(\S+)/gm, /\b(?:href|src)="([^"]*)"/g];
  return patterns
    .flatMap((pattern) => [...prose.matchAll(pattern)].map(([, target]) => target))
    .filter((target) => !/^(https?:\/\/|#|mailto:)/.test(target));
};

/** Files that only developers of a package read. */
const ofDevelopers = /(^|\/)(testing|fixtures|__tests__)\/|\.(test|spec)\.\w+$|(^|\/)tsconfig[^/]*\.json$/;
const isSource = (path) => /\.[cm]?tsx?$/.test(path) && !/\.d\.[cm]?ts$/.test(path);

/** The fault of a source map, if it has one. Nobody uses it, or it has no sources, which are nowhere else. */
const mapProblem = (path, files) => {
  const name = path.split('/').at(-1);
  const of = files.get(path.replace(/\.map$/, ''));
  if (!of?.toString('utf8').includes(`sourceMappingURL=${name}`)) return 'is a source map of no file';
  const { sourcesContent } = JSON.parse(files.get(path).toString('utf8'));
  return sourcesContent?.some((text) => text) ? undefined : 'is a source map without sources';
};

/**
 * Looks into a tarball.
 *
 * @param {Buffer} tarball
 * @returns {readonly string[]} sentences that say what is wrong
 */
export const tarballProblems = (tarball) => {
  const files = filesOf(tarball);
  const manifest = JSON.parse(files.get('package.json')?.toString('utf8') ?? '{}');
  const problems = [];
  if (manifest.name === undefined) problems.push('there is no package.json that has a name.');
  if (![...files.keys()].some((path) => /^LICEN[CS]E(\.\w+)?$/i.test(path)))
    problems.push('there is no LICENSE.');
  const readme = files.get('README.md');
  if (readme === undefined) problems.push('there is no README.md.');
  for (const link of relativeLinks(readme?.toString('utf8') ?? ''))
    problems.push(`the link ${link} of README.md is relative; expected an address.`);
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies'])
    for (const [name, range] of Object.entries(manifest[field] ?? {}))
      if (/^(workspace|file|link|catalog):/.test(range))
        problems.push(`${field} has ${name} as ${range}, which a registry does not know.`);
  for (const path of files.keys()) {
    if (ofDevelopers.test(path)) problems.push(`${path} is for tests.`);
    else if (isSource(path)) problems.push(`${path} is a source, and source maps have them already.`);
    const wrong = path.endsWith('.map') && mapProblem(path, files);
    if (wrong) problems.push(`${path} ${wrong}.`);
  }
  return problems.map((problem) => `${manifest.name ?? 'A tarball'}: ${problem}`);
};
