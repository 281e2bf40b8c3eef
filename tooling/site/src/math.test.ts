import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import { typesetMath } from './math.js';

const md = new MarkdownIt();
typesetMath(md as never);

test('a formula is typeset, and a price or code stays', () => {
  expect(md.render('$K = J J^\\top$')).toMatch(/<span v-pre><span class="katex">.*<math/);
  expect(md.render('$$\na + b\n$$')).toContain('class="katex-display"');
  for (const text of ['It costs $5 or $6 each.', 'Set `$HOME` and `$PATH`.'])
    expect(md.render(text)).not.toContain('katex');
});

test('a formula keeps the marks that touch it, and nothing else', () => {
  const alone = (source: string): string =>
    md.render(`$${source}$`).slice('<p><span class="kept">'.length, -'</span></p>\n'.length);
  const last = /<span class="last">(<span class="base">.*?)<\/span>(?=<\/span><\/span><\/span>)/g;
  const plain = (text: string): string =>
    md.render(text).replace(last, '$1').replaceAll(alone('K'), '∎').replaceAll(alone('k'), '∎');
  expect(plain('The kernel (of $K$), here.')).toBe(
    '<p>The kernel (of <span class="kept">∎),</span> here.</p>\n',
  );
  expect(plain('A ($k$-shot) sample <of> "$K$".')).toBe(
    '<p>A <span class="kept">(∎-shot)</span> sample &lt;of&gt; <span class="kept">&quot;∎&quot;.</span></p>\n',
  );
});

test('the last piece of a formula stays with the mark after it, and the others do not', () => {
  const html = md.render('With $K = J J^\\top$.');
  expect(html.match(/class="base"/g)).toHaveLength(2);
  expect(html).toMatch(
    /<span class="base">.*=.*<span class="last"><span class="base">.*J.*<\/span>\.<\/span><\/p>/,
  );
  expect(md.render('$K = J J^\\top$ here')).not.toContain('class="last"');
});

test('a formula that cannot be read stops the build', () => {
  expect(() => md.render('$\\nonsense{x}$')).toThrow(/Undefined control sequence: \\nonsense/);
});
