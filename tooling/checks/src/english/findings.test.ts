import { expect, test } from 'vitest';
import { findingsIn } from './findings.js';

const docstring = (text: string) => findingsIn('a.ts', `/** ${text} */\nexport const a = 1;\n`);
const comment = (text: string) => findingsIn('a.ts', `// ${text}\nexport const a = 1;\n`);
const help = (text: string) => findingsIn('a.ts', `option('--a <n>', integer(1), ${JSON.stringify(text)});`);
const summary = (text: string) => findingsIn('a.ts', `const a = { summary: ${JSON.stringify(text)} };`);
const message = (text: string) => findingsIn('a.ts', `throw new Error(${JSON.stringify(text)});`);
const label = (text: string) => findingsIn('a.ts', `lineChart({ y: ${JSON.stringify(text)} });`);
const page = (text: string) => findingsIn('a.md', `${text}\n`);

test.each([
  ['a help text that opens with "of"', help('of what spaces draw at random')],
  ['"beside" and no verb', help('beside the prompted kernel also that without a prompt, its head a probe')],
  ['a clause on a colon', help('exponents of width instead: of a ladder, or of models that differ in width')],
  ['a docstring that opens with "What"', docstring('What the factors of a slice may take, about.')],
  ['"besides"', docstring('The cost of a product besides its gradients, in gradients.')],
  ['a figure’s "the same of"', label('the same of f_lin(ξ), for all of the test sentences')],
  ['"the other way round"', page('Training carries some sentences across an axis, or the other way round.')],
  ['a docstring that opens with "Of"', docstring('Of the whole range.')],
  ['a docstring that opens with "Where"', docstring('Where a stored tensor lies.')],
  ['a docstring that opens with "How"', docstring('How the fit is done.')],
  ['a comment that opens with "What"', comment('What was held before.')],
  ['a second sentence without a verb', docstring('Counts the rows. Only for symmetric matrices.')],
  ['a paragraph without a verb', page('The whole table in one file.')],
  ['a message without a verb', message('No folder of that name in the archive.')],
  ['a message with "told"', message('The labels cannot be told from the first column.')],
  ['"to be had"', message('No wheel is to be had for this version of Python.')],
  ['"but for"', page('All rows agree but for the last one.')],
  ['"beside" alone, which a sentence is made of', findingsIn('a.ts', "line(subject ?? 'beside', text);")],
  ['"comes on top"', message('About 3 s are planned; loading weights comes on top.')],
  ['"none of" for one thing', docstring('An address that is none of a store.')],
  ['"there already"', page('It says what is left, and what is there already.')],
  ['"and its like"', page('The files `train.npy` and its like are written by rows.')],
  ['the description of a package', findingsIn('a/package.json', '{\n  "description": "What is told."\n}')],
  ['"absent:" for a default', docstring('Bytes of the budget; absent: no limit.')],
  ['"where absent"', docstring('The grid of ridges; the usual ones where absent.')],
  ['a cell of a table', page('| a |\n| :- |\n| what the solver found |')],
  ['an item of a list', page('- of the model alone')],
  ['the text of an image', page('![Kernels beside each other](a.svg)')],
  ['a comment in an example', page('```sh\nntk-lens run # beside it the kernel without a prompt\n```')],
  [
    'a text that is joined',
    findingsIn('a.ts', "f('The kernel has no rows ' + name + ' but for the last.');"),
  ],
  ['a tag of a docstring', docstring('Adds.\n * @param name what errors call the file\n')],
  ['36 words', page(`Words ${'and words '.repeat(17)}are.`)],
])('%s is found', (_, found) => {
  expect(found).toHaveLength(1);
});

test.each([
  ['a help text', help("seed for random initialization of a space (default: the sample's seed)")],
  ['a help text', help('also compute the kernel without a prompt, with a linear probe as its head')],
  [
    'a help text',
    help(
      'fit how each quantity scales with width, over a ladder written by `pretrain` or over your own models of different widths',
    ),
  ],
  ['a summary', summary("convert kernels from and to LM-Kernel-FT, the authors' program")],
  [
    'a cap',
    docstring(
      "Approximate cap on the bytes of one slice's factors, so that programs can keep their workspace between runs.",
    ),
  ],
  [
    'a cost',
    docstring('Fixed cost of one matrix product (packing the other operand), in units of one gradient.'),
  ],
  ['a threshold', docstring('Minimum R² for a fit to count as a power law.')],
  [
    'a finding',
    page(
      'SGD moved every point slightly, exactly as f_lin predicts. Under Adam most points end near their prediction; f_lin errs on sentences whose prediction and outcome fall on opposite sides of an axis.',
    ),
  ],
  ['an axis', label('f_lin(ξ): label logit minus the other')],
  ['a commit', page("core/node: writeWhole creates missing parent folders; remove the callers' own mkdirs")],
  ['a question', page('What does the table show? Where is the kernel? Of course it is here.')],
  ['a heading', page('## What each step gained')],
  ['the head of a table', page('| what it does |\n| :- |\n| solves |')],
  ['a clause before the main one', page('Where both cost about the same, memory decides.')],
  ['a quotation and code', page('The word "beside" and `but for` are names here.')],
  [
    'a name of code as the subject',
    page('`computeKernels(request)` traces the stages, forwards and backwards.'),
  ],
  ['an equation', page('With one output, K = J Jᵀ. Then χ = −y / (1 + exp(y f)).')],
  ['a formula whose sign is the verb', page('With one output, $K = J J^\\top$.')],
  ['a work that is cited', docstring('Prefix tuning of encoders (Li et al. 2021), by trainable keys.')],
  ['a default', docstring('Bytes of the budget. Default: no limit.')],
  ['a heading in bold', page('**One seed.** The interval needs three.')],
  ['code in a docstring', docstring('Adds.\n * @example\n * ```ts\n * add(1); // what besides\n * ```\n')],
  [
    'numbers in a string',
    message('1c a 7 q 4 1 1 q 1b 1 a 1 4 1 5 n 1 v 1 cq 4 c e 5 7 1 1 1 h 39 1 2 2 4 1 1'),
  ],
  ['a part of a sentence', message('of this file, which is from another run')],
  ['a name among other fields of a package', findingsIn('package.json', '{"name": "beside"}')],
  ['the name of a field', findingsIn('a.ts', "const a: B['told'] = b['told'];")],
  ['"there is none of"', docstring('Counts the rows; undefined where there is none of that name.')],
  ['a module that is imported where it is used', findingsIn('a.ts', "await import('./beside.js');")],
  ['a module', findingsIn('a.ts', "import { told } from 'beside the other ones';")],
])('%s passes', (_, found) => {
  expect(found).toEqual([]);
});

test('a finding has the line, the sentence as it stands there, and the rules', () => {
  expect(findingsIn('a.md', 'One is.\n\nTwo are\nhere. All `x` agree\nbut for\nz.\n')).toEqual([
    { line: 4, sentence: 'All `x` agree but for z.', rules: ['"but for"; say "except"'] },
  ]);
  const source =
    'export const a = 1;\n/**\n * Adds one. See what\n * follows.\n *\n * Of the sum, all.\n */\n';
  expect(findingsIn('a.ts', `${source}export const b = 2;\n`)).toMatchObject([
    { line: 6, sentence: 'Of the sum, all.', rules: [expect.stringContaining('"Of"'), 'no verb'].reverse() },
  ]);
});
