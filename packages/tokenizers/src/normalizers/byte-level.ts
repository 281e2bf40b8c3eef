import type { Normalizer } from '../aligned-text.js';
import { byteCharacters } from '../byte-characters.js';

/** Each character as the visible characters of its UTF-8 bytes. */
export const toByteCharacters: Normalizer = (text, source) => {
  let out = '';
  let i = 0;
  for (const character of text) {
    const mapped = byteCharacters(character);
    out += mapped;
    if (source !== null) for (let u = 0; u < mapped.length; u++) source.push(i);
    i += character.length;
  }
  return out;
};
