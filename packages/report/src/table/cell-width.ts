import stringWidth from 'string-width';

/** Columns of a text in front of a space, with which some characters (Unicode's Prepend) are one. */
export const cellWidth = (text: string): number => stringWidth(`${text} `) - 1;
