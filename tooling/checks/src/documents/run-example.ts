import ts from 'typescript';
import { expect, vi } from 'vitest';

const AsyncFunction = (async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: readonly unknown[]) => Promise<void>;

/** Every package of an example is looked up from here. */
const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ name);

/** The value at the beginning of a comment, such as `[2, 2]` in `// [2, 2], the shape`; undefined for prose. */
const saidValue = (comment: string): { readonly value: unknown } | undefined => {
  if (!/^([[{'"\d-]|true\b|false\b|null\b)/.test(comment)) return undefined;
  for (let end = comment.length; end > 0; end--) {
    try {
      return { value: new Function(`'use strict'; return (${comment.slice(0, end)});`)() };
    } catch {
      // What follows the value is prose.
    }
  }
  return undefined;
};

/**
 * Rewrites `expression; // value` so that the value is compared, and `expression; // throws` so that it has to throw; the
 * comment may be the next line.
 */
const comparing = (code: string): string => {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true);
  return source.statements.reduceRight((text, statement) => {
    const comment = /^[ \t]*\n?[ \t]*\/\/ (.*)/.exec(code.slice(statement.end))?.[1];
    if (!ts.isExpressionStatement(statement) || comment === undefined) return text;
    const expression = statement.expression.getText(source);
    if (expression.startsWith('console.')) return text;
    const shown = /^throws\b/.test(comment)
      ? `await $throws(async () => (${expression}));`
      : `$show(${expression}, ${JSON.stringify(comment)});`;
    return text.slice(0, statement.getStart(source)) + shown + text.slice(statement.end);
  }, code);
};

/** Imports become calls, so that an example can be the body of a function. An import of types leaves an empty export. */
const withoutImports = (code: string): string =>
  code
    .replace(/^export \{\};$/m, '')
    .replace(/^import (\{[^}]*\}|\* as \w+) from (['"][^'"]+['"]);$/gm, (_, names: string, from: string) =>
      names.startsWith('*')
        ? `const ${names.slice(5)} = await $load(${from});`
        : `const ${names.replace(/ as /g, ': ')} = await $load(${from});`,
    );

/** A value whose typed arrays are arrays, also inside others. */
const plain = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) return Array.from(value as Int32Array);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

/** The text of a comment: numbers to ten digits, and `'…'` for any text. */
const expected = (value: unknown): unknown => {
  if (value === '…') return expect.any(String);
  if (typeof value === 'number') return expect.closeTo(value, 10);
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expected(item)]));
};

/**
 * Runs an example of a document in this process.
 *
 * @param values values that it takes for granted, by name
 * @returns the text printed with console.log
 * @throws where an expression has another value than the comment behind it says
 */
export const runExample = async (
  code: string,
  values: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, removeComments: true };
  const { outputText } = ts.transpileModule(comparing(code), { compilerOptions: options });
  const show = (value: unknown, comment: string) => {
    const said = saidValue(comment);
    if (said) expect(plain(value), comment).toEqual(expected(said.value));
  };
  const throws = (expression: () => Promise<unknown>) => expect(expression()).rejects.toThrow();
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...words) => lines.push(words.join(' ')));
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  try {
    const parameters = ['$load', '$show', '$throws', ...Object.keys(values)];
    const run = new AsyncFunction(...parameters, withoutImports(outputText));
    await run(load, show, throws, ...Object.values(values));
  } finally {
    for (const spy of [log, error, write]) spy.mockRestore();
  }
  return lines.map((line) => `${line}\n`).join('');
};
