import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A path in the shared folder beside the repository; tests that need it are skipped where it is absent. */
export const sharedPath = (name: string): string =>
  fileURLToPath(new URL(`../../../../../shared/${name}`, import.meta.url));

export const hasShared = (name: string): boolean => existsSync(sharedPath(name));
