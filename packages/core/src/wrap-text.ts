/**
 * Breaks a text between words into lines of at most `width` columns; a longer word has a line of its own, whole.
 *
 * @param measure width of a text in columns; default: its length
 * @returns at least one line
 */
export const wrapText = (
  text: string,
  width: number,
  measure: (text: string) => number = (line) => line.length,
): string[] => {
  const lines: string[] = [];
  let used = 0;
  for (const word of text.split(' ')) {
    const wide = measure(word);
    if (lines.length > 0 && used + 1 + wide <= width) {
      lines[lines.length - 1] += ` ${word}`;
      used += 1 + wide;
    } else {
      lines.push(word);
      used = wide;
    }
  }
  return lines;
};
