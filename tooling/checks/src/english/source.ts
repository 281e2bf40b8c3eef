import ts from 'typescript';
import type { Prose } from './prose.js';

/** Fields of commands, options, formulas and figures whose texts are help. */
const helpFields = /^(help|summary|description|unset|purpose|title|label|note)$/;
/** Functions of the program whose texts are help. */
const helpFunctions = /^(option|family)$/;

/** At least four words of three letters, and one that joins them: less is a name or a list. Indented lines are code. */
const isProse = (text: string): boolean =>
  !/\n {2}/.test(text) &&
  /\b(the|an?|of|is|are|in|to|and|for|no|not|with|by|on|as|that|or|from|but)\b/i.test(text) &&
  (text.match(/(?<![\w\\])[a-z]{3,}(?=[\s,.:;]|$)/gi) ?? []).length >= 4;

/** True for paths, names of fields and texts of several lines. */
const isCode = ({ parent }: ts.Node, text: string): boolean =>
  /[\n/\\_$]|\w\.\w/.test(text) || ts.isLiteralTypeNode(parent) || ts.isElementAccessExpression(parent);

/** The text of a string, with one word for every value in it; undefined for another expression. */
const textOf = (node: ts.Node): string | undefined => {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join('');
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? 'X'}${right ?? 'X'}`;
};

const isHelp = ({ parent }: ts.Node): boolean => {
  if (ts.isPropertyAssignment(parent)) return helpFields.test(parent.name.getText());
  return ts.isCallExpression(parent) && helpFunctions.test(parent.expression.getText());
};

/** The text of a docstring, and that of each of its tags. Examples are code, which other tests run. */
const docstring = (comment: string, start: number): readonly Prose[] => {
  // Lines that are indented are code.
  const text = comment
    .replace(/^\/\*\*?|\*\/$/g, '')
    .replace(/^[ \t]*\* ?/gm, '')
    .replace(/^ {2,}\S.*$/gm, '');
  let line = start;
  return text.split(/^(?=\s*@[a-z]+\b|- )|(?<=\s)(?=@returns\b)/m).map((part): Prose => {
    const [, tag] = /^\s*@([a-z]+)/.exec(part) ?? [];
    const name = tag === 'param' || tag === 'throws' ? /^\s*@\w+( \{[^}]*\})? \S*/ : /^\s*@\w+/;
    const words = part.replace(name, (found) => found.replace(/[^\n]/g, ' '));
    const prose = { line, text: tag === 'example' || tag === 'throws' ? '' : words };
    line += part.split('\n').length - 1;
    return { kind: tag === undefined && !part.startsWith('- ') ? 'docstring' : 'fragment', ...prose };
  });
};

/** The prose of a source file: docstrings, comments, messages, help texts, and strings of few words. */
export const sourceProse = (text: string): readonly Prose[] => {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const found: Prose[] = [];
  const seen = new Set<number>();

  const commentsBefore = (position: number) => {
    let lines: string[] = [];
    let last = 0;
    const end = () => {
      if (lines.length > 0)
        found.push({ kind: 'docstring', line: last - lines.length + 1, text: lines.join('\n') });
      lines = [];
    };
    for (const { pos, end: to, kind } of ts.getLeadingCommentRanges(text, position) ?? []) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      const comment = text.slice(pos, to);
      if (kind === ts.SyntaxKind.MultiLineCommentTrivia) found.push(...docstring(comment, lineAt(pos)));
      else if (!/^\/\/ (biome-ignore|@ts-| )/.test(comment)) {
        if (lineAt(pos) !== last + 1) end();
        lines.push(comment.replace(/^\/\/ ?/, ''));
        last = lineAt(pos);
      }
    }
    end();
  };

  const visit = (node: ts.Node): void => {
    commentsBefore(node.pos);
    // Comments after the last statement or member.
    if (ts.isBlock(node) || ts.isInterfaceDeclaration(node)) commentsBefore(node.end - 1);
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const words = textOf(node);
    if (words === undefined) {
      ts.forEachChild(node, visit);
      return;
    }
    const kind = isHelp(node) ? 'fragment' : isProse(words) ? 'message' : 'words';
    if (kind !== 'words' || !isCode(node, words))
      found.push({ kind, line: lineAt(node.getStart(source)), text: words });
    // Values inside a text may have texts of their own.
    if (ts.isTemplateExpression(node)) for (const { expression } of node.templateSpans) visit(expression);
  };
  visit(source);
  return found;
};
