import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path/posix';
import type { MarkdownRenderer } from 'vitepress';
import { addressOf, repository } from './addresses.js';

/** Anchor of a heading as GitHub makes it, so that links hold there and here. */
export const githubSlug = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');

/** A link of a page to a file that is not there. */
export class DeadLinkError extends Error {
  readonly code = 'DEAD_LINK';

  constructor(page: string, target: string) {
    super(
      `${page} links to "${target}", and the repository has no such file. Expected a path that starts from the folder of the page. Correct the link.`,
    );
    this.name = 'DeadLinkError';
  }
}

/** A link into this repository by its address on the web, as READMEs of packages have them. */
const onTheWeb = new RegExp(`^${repository}/(?:blob|tree)/main/`);

/**
 * Address on the site of a link in a page: pages link to pages, and files that are no page to the repository.
 *
 * @param page path of the page from the root of the repository
 * @throws DeadLinkError for a path at which there is nothing
 */
export const linkOn = (root: string, page: string, href: string): string => {
  const own = onTheWeb.test(href);
  if (!own && /^(?:[a-z][a-z+.-]*:|\/|#)/i.test(href)) return href;
  const [, path = '', fragment = ''] = /^([^#]*)(#.*)?$/.exec(href.replace(onTheWeb, ''))!;
  const file = normalize(join(own ? '' : dirname(page), decodeURI(path))).replace(/\/$/, '');
  if (file.startsWith('..') || !existsSync(join(root, file))) throw new DeadLinkError(page, href);
  const folder = statSync(join(root, file)).isDirectory();
  const address = addressOf(folder ? `${file}/README.md` : file);
  if (address && existsSync(join(root, folder ? `${file}/README.md` : file))) return `/${address}${fragment}`;
  return `${repository}/${folder ? 'tree' : 'blob'}/main/${file}${fragment}`;
};

/** A figure of this repository by its address on the web, where pages of packages show it. */
const figuresOnTheWeb = 'https://raw.githubusercontent.com/ntk-lens/ntk-lens/main/';

/**
 * Source of a figure in a page: those of this repository are files, of which the site has copies.
 *
 * @param page path of the page from the root of the repository
 * @throws DeadLinkError for a figure that is not there
 */
export const figureOn = (root: string, page: string, source: string): string => {
  if (!source.startsWith(figuresOnTheWeb)) return source;
  const file = source.slice(figuresOnTheWeb.length);
  if (!existsSync(join(root, file))) throw new DeadLinkError(page, source);
  return relative(dirname(page), file);
};

/** Makes every link of a page, and every figure, one of the site. */
export const siteLinks = (md: MarkdownRenderer, root: string): void => {
  md.core.ruler.push('site-links', ({ tokens, env }) => {
    // A page that has another address on the site says where its file is.
    const { path, realPath = path } = env as { readonly path?: string; readonly realPath?: string };
    const page = realPath?.slice(root.length);
    if (page === undefined) return;
    for (const { children } of tokens)
      for (const token of children ?? []) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        if (href) token.attrSet('href', linkOn(root, page, href));
        const source = token.type === 'image' ? token.attrGet('src') : null;
        if (source) token.attrSet('src', figureOn(root, page, source));
      }
  });
};
