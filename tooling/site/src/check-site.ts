import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';

/** A problem of a site that was built. */
export interface SiteProblem {
  readonly page: string;
  readonly problem: string;
}

const attribute = (name: string): RegExp => new RegExp(`\\s${name}="([^"]*)"`, 'g');
const valuesOf = (html: string, name: string): string[] =>
  [...html.matchAll(attribute(name))].map(([, value]) => value!.replaceAll('&amp;', '&'));

/** Tags that load something while a page opens. */
const loading = /<(?:script|img|link rel="(?:stylesheet|preload|modulepreload|icon)")[^>]*>/g;

/**
 * Problems of the pages of a folder: links and anchors that lead nowhere, and anything that a page would load from a network.
 *
 * @param folder the site that was built
 */
export const checkSite = (folder: string): readonly SiteProblem[] => {
  const files = new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }));
  const pages = [...files].filter((file) => file.endsWith('.html'));
  const html = new Map(pages.map((page) => [page, readFileSync(join(folder, page), 'utf8')]));
  const anchors = new Map(pages.map((page) => [page, new Set(valuesOf(html.get(page)!, 'id'))]));
  const problems: SiteProblem[] = [];
  for (const page of pages) {
    const text = html.get(page)!;
    const found = (problem: string) => problems.push({ page, problem });
    for (const href of new Set(valuesOf(text, 'href'))) {
      if (/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(href)) continue;
      const [path = '', anchor] = decodeURI(href).split('#');
      const place = path.startsWith('/') ? path.slice(1) : join(dirname(page), path);
      const target = path === '' ? page : normalize(place.replace(/^$|\/$/, '$&index.html'));
      if (!files.has(target)) found(`links to ${href}, and the site has no such page`);
      else if (anchor && !anchors.get(target)?.has(anchor))
        found(`links to ${href}, and that page has no such anchor`);
    }
    for (const [tag] of text.matchAll(loading))
      for (const address of [...valuesOf(tag, 'src'), ...valuesOf(tag, 'href')])
        if (/^(?:https?:)?\/\//.test(address)) found(`loads ${address} from a network`);
  }
  for (const file of files)
    if (file.endsWith('.css'))
      for (const [, address] of readFileSync(join(folder, file), 'utf8').matchAll(
        /url\(["']?((?:https?:)?\/\/[^)"']*)/g,
      ))
        problems.push({ page: file, problem: `loads ${address} from a network` });
  return problems;
};
