import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A path in the folder of test data beside the repository. */
export const sharedPath = (path: string): string =>
  fileURLToPath(new URL(`../../../../../shared/${path}`, import.meta.url));

/** True when it is there; tests that need it are skipped otherwise. */
export const hasShared = (path: string): boolean => existsSync(sharedPath(path));
