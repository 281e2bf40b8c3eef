/** Names of the spaces that can be written as text, without what makes them: for programs that list them. */
export const spaceNames = [
  'full',
  'head',
  'bitfit',
  'lora',
  'ia3',
  'prefix',
  'prompt',
  'intrinsic',
  'adapter',
] as const;
