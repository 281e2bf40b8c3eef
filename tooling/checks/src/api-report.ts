import { join, relative } from 'node:path';
import ts from 'typescript';
import { type Entry, type Package, packagesIn } from './packages.js';

// The report lists the exports of every entry of a package with the declarations that a build would write. It is made
// from the sources.

/** The compiler's options for the sources of all packages. */
export const optionsOf = (root: string): ts.CompilerOptions => {
  const file = join(root, 'tooling/tsconfig/base.json');
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
  return { ...options, noEmit: false, emitDeclarationOnly: true, removeComments: true };
};

/** `@experimental` or `@internal` where a docstring says so; everything else is public. */
const markOf = (symbol: ts.Symbol): string | undefined =>
  symbol
    .getJsDocTags()
    .map(({ name }) => name)
    .find((name) => name === 'experimental' || name === 'internal');

/** One export of an entry: its name, its declarations, or the package that it comes from. */
interface Export {
  readonly name: string;
  readonly mark?: string;
  /** False for a value without a docstring; the fields of a type say enough. */
  readonly documented: boolean;
  readonly from?: string;
  readonly code: readonly string[];
}

/** The statements that declare names, of the declaration file of a source file. */
const declarationsBy = (program: ts.Program) => {
  const known = new Map<string, ReadonlyMap<string, readonly string[]>>();
  const declared = (source: ts.SourceFile): ReadonlyMap<string, readonly string[]> => {
    const statements = new Map<string, string[]>();
    const write = (_: string, text: string) => {
      const file = ts.createSourceFile('x.d.ts', text, ts.ScriptTarget.Latest);
      for (const statement of file.statements) {
        const names = ts.isVariableStatement(statement)
          ? statement.declarationList.declarations.map(({ name }) => name.getText(file))
          : [(statement as ts.DeclarationStatement).name?.getText(file) ?? ''];
        const code = statement
          .getText(file)
          .replace(/^export declare /, 'export ')
          .replace(/import\("[^"]*"\)\./g, '')
          .replace(/^ +/gm, (indent) => ' '.repeat(indent.length / 2));
        for (const name of names) statements.set(name, [...(statements.get(name) ?? []), code]);
      }
    };
    program.emit(source, write, undefined, true);
    return statements;
  };
  return (source: ts.SourceFile, name: string): readonly string[] => {
    if (!known.has(source.fileName)) known.set(source.fileName, declared(source));
    return known.get(source.fileName)!.get(name) ?? [];
  };
};

/** The package of a file: one of ours, or the one in node_modules. */
const packageOf = (file: string, packages: readonly Package[]): string => {
  const own = packages.find(({ directory }) => file.startsWith(`${directory}/`));
  if (own) return own.name;
  const [, name = 'typescript'] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  return name;
};

export interface Reports {
  /** Name of the file → its text. */
  readonly files: ReadonlyMap<string, string>;
  /** Functions, classes and constants that are public and have no docstring. */
  readonly undocumented: readonly string[];
}

/** Makes the report of every package of a checkout. */
export const makeReports = (root: string): Reports => {
  const packages = packagesIn(root);
  const files = packages.flatMap(({ entries }) => entries.map(({ file }) => file));
  const program = ts.createProgram(files, optionsOf(root));
  const checker = program.getTypeChecker();
  const codeOf = declarationsBy(program);

  const exportsOf = (entry: Entry, home: Package): Export[] => {
    const exportsIn = (file: string) =>
      checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
    const elsewhere = new Set(entry.browser ? exportsIn(entry.browser).map(({ name }) => name) : []);
    const exported = exportsIn(entry.file).filter(({ name }) => !elsewhere.has(name));
    return exported.map((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const { fileName } = target.declarations![0]!.getSourceFile();
      const from = packageOf(fileName, packages);
      const mark = markOf(target);
      const isType = (target.flags & ts.SymbolFlags.Value) === 0;
      const documented = isType || target.getDocumentationComment(checker).length > 0;
      if (from !== home.name) return { name: symbol.name, mark, documented: true, from, code: [] };
      const declared = [...new Set(target.declarations!.map((node) => node.getSourceFile()))];
      const code = declared.flatMap((file) => codeOf(file, target.name));
      if (code.length === 0)
        throw new Error(`${entry.name} exports ${symbol.name}, whose declaration is not found.`);
      return { name: symbol.name, mark, documented, code };
    });
  };

  const reports = new Map<string, string>();
  const undocumented: string[] = [];
  for (const home of packages) {
    // Data, and what others made, have no entry from sources.
    if (home.entries.length === 0) continue;
    const sections = home.entries.map((entry) => {
      const all = exportsOf(entry, home).sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const { name, mark, documented } of all)
        if (!mark && !documented) undocumented.push(`${entry.name}: ${name}`);
      const own = all.filter(({ from }) => from === undefined);
      const origins = [...new Set(all.flatMap(({ from }) => from ?? []))].sort();
      const namesFrom = (origin: string) => all.flatMap(({ name, from }) => (from === origin ? name : []));
      const code = [
        ...origins.map((origin) => `export { ${namesFrom(origin).join(', ')} } from '${origin}';`),
        ...own.map(({ mark, code }) => (mark ? `/** @${mark} */\n` : '') + code.join('\n')),
      ];
      return `## ${entry.name}\n\n\`\`\`ts\n${code.join('\n\n')}\n\`\`\`\n`;
    });
    const title = `# The exports of ${home.name}\n\n\`pnpm api\` writes this file.\n\n`;
    reports.set(`${relative(join(root, 'packages'), home.directory)}.md`, title + sections.join('\n'));
  }
  return { files: reports, undocumented };
};
