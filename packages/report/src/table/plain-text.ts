/**
 * Text for one line of a terminal or a table. Line breaks are shown as ↵, tabs as spaces, and other control characters as a
 * replacement mark, so that a text cannot move the cursor or break a table.
 */
export const oneLine = (text: string): string =>
  text
    .toString()
    .replace(/\r\n|[\n\r\u2028\u2029]/g, '↵')
    .replaceAll('\t', ' ')
    .replace(/[\p{Cc}\p{Cs}]/gu, '\ufffd')
    // Bidirectional overrides would reorder the rest of the line.
    .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g, '\ufffd');
