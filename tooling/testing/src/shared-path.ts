import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A path in the folder of test data next to the repository. */
export const sharedPath = (path: string): string =>
  fileURLToPath(new URL(`../../../../shared/${path}`, import.meta.url));

/** For `skipIf`: false, with a message, where the data are absent. */
export const hasShared = (path: string): boolean => {
  if (existsSync(sharedPath(path))) return true;
  console.warn(`Skipped: ../shared/${path} is not here.`);
  return false;
};
