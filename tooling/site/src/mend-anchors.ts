import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { githubSlug } from './links.js';

const slugsOf = (text: string): ReadonlySet<string> => {
  const seen = new Map<string, number>();
  const slugs = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const slug = githubSlug(heading!.replaceAll('\\', ''));
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
  return new Set(slugs);
};

/** typedoc-plugin-markdown numbers some headings as if they came twice. Such a number is taken out of links. */
export const mendAnchors = (folder: string): void => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.md'),
  );
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const slugs = new Map([...texts].map(([file, text]) => [file, slugsOf(text)]));
  for (const [file, text] of texts) {
    const mended = text.replace(
      /\]\(([^()#]*)#([\w-]+)-(\d+)\)/g,
      (link, page: string, slug: string, number) => {
        const known = slugs.get(page === '' ? file : join(dirname(file), page));
        return known?.has(slug) && !known.has(`${slug}-${number}`) ? `](${page}#${slug})` : link;
      },
    );
    if (mended !== text) writeFileSync(join(folder, file), mended);
  }
};
