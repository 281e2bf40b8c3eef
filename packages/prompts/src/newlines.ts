/**
 * A template in which `\n`, a backslash and an n, stood for a newline.
 *
 * @example
 * ```ts
 * readNewlines('Review:*+sent_0*\\nSentiment:*mask*'); // with a newline before "Sentiment:"
 * ```
 */
export const readNewlines = (template: string): string => template.replaceAll('\\n', '\n');

/**
 * A text for one line of a screen: every newline is shown as ↵.
 *
 * @example
 * ```ts
 * showNewlines('Review:*+sent_0*\nSentiment:*mask*'); // 'Review:*+sent_0*↵Sentiment:*mask*'
 * ```
 */
export const showNewlines = (text: string): string => text.replace(/\r\n|[\n\r]/g, '↵');
