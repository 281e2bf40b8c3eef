import { renderPromptAnsi, renderPromptPlain, showNewlines } from '@ntk-lens/prompts';
import pc from 'picocolors';
import type { ShownPrompts } from '../run/show-prompts.js';

/**
 * Prompts for a terminal: the template and its words, then each example piece by piece.
 *
 * @param columns width of the terminal, if it is one
 */
export const promptText = (shown: ShownPrompts, color: boolean, columns?: number): string => {
  const { bold, dim } = pc.createColors(color);
  const safe = (text: string): string => showNewlines(text).replace(/\p{Cc}/gu, '\ufffd');
  const words = shown.labelWords
    .map(({ label, pieces }) => safe(`${label} → ${pieces.join(' ')}`))
    .join(', ');
  const render = color ? renderPromptAnsi : renderPromptPlain;
  const head = [
    bold(`${shown.task} · ${shown.model}`),
    safe(`template  ${shown.template}`),
    `labels    ${words} (rule ${shown.rule}; read ${shown.objective === 'causal' ? 'after the prompt' : 'at the mask'})`,
  ];
  const paragraphs = shown.prompts.map(({ label, prompt }, i) => {
    const title = label === undefined ? 'your text' : `example ${i + 1}, label ${safe(label)}`;
    return `${dim(`── ${title}`)}\n${render(prompt, columns === undefined ? {} : { columns })}`;
  });
  return `${[head.join('\n'), ...paragraphs].join('\n\n')}\n`;
};
