const characters: string[] = (() => {
  const table: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    table.push(String.fromCharCode(printable ? byte : next++));
  }
  return table;
})();

const bytes: ReadonlyMap<string, number> = new Map(characters.map((character, byte) => [character, byte]));

const encoder = new TextEncoder();

/** The visible character that stands for each byte in a byte-level vocabulary (GPT-2): 256 of them. */
export const BYTE_CHARACTERS: readonly string[] = characters;

/** UTF-8 of `text`, each byte as its visible character. */
export const byteCharacters = (text: string): string => {
  let out = '';
  for (const byte of encoder.encode(text)) out += characters[byte]!;
  return out;
};

/** The byte that a visible character stands for. */
export const byteOf = (character: string): number | undefined => bytes.get(character);
