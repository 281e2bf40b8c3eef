import { relative } from 'node:path';
import { defineConfig } from 'vitepress';
import { addressOf, otherPages, repository } from '../src/addresses.js';
import { githubSlug, siteLinks } from '../src/links.js';
import { typesetMath } from '../src/math.js';
import { referenceFolder, root } from '../src/root.js';
import { sidebar } from '../src/sidebar.js';

/** The headings of a page. */
const headingsOf = (text: string): string => text.match(/^#+ .*$/gm)?.join('\n\n') ?? '';

// Pages stay where they are in the repository; `rewrites` gives each its address.
export default defineConfig({
  title: 'NTK Lens',
  description: 'Exact neural tangent kernels of pre-trained language models through prompts',
  lang: 'en',
  srcDir: relative(`${root}tooling/site`, root),
  srcExclude: [...otherPages(), '**/dist/**', 'runs/**', '.*/**'],
  rewrites: (file) => addressOf(file) ?? file,
  outDir: 'dist',
  cacheDir: 'node_modules/.vitepress',
  // Pages change their address with their folder only, so that a page can also be opened from a disk.
  cleanUrls: false,
  lastUpdated: false,
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        // The index has the names of the reference. Its tables would make the index several times as large.
        _render: (text, env, md) =>
          md.render(env.relativePath.startsWith(referenceFolder) ? headingsOf(text) : text, env),
      },
    },
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'How-to', link: '/how-to/own-model' },
      { text: 'Theory', link: '/theory' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar,
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repository }],
  },
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark' },
    languageAlias: { py: 'python' },
    anchor: { slugify: githubSlug },
    config: (md) => {
      siteLinks(md, root);
      typesetMath(md);
    },
  },
});
