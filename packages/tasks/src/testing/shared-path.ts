import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A path in the folder of shared data beside the repository. */
export const sharedPath = (path: string): string =>
  fileURLToPath(new URL(`../../../../../shared/${path}`, import.meta.url));

/** For `describe.skipIf`: true, with a message, where the shared data are absent. */
export const sharedMissing = (path: string): boolean => {
  if (existsSync(sharedPath(path))) return false;
  console.warn(`Skipped: ../shared/${path} is not here.`);
  return true;
};
