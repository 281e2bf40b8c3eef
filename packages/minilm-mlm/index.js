import { fileURLToPath } from 'node:url';

export const modelDirectory = fileURLToPath(new URL('./model', import.meta.url));
