import { createHash } from 'node:crypto';
import { type Sha256, sha256On } from '../sha256.js';

/** `sha256` by the library of Node, several times as fast as in JavaScript. */
export const sha256 = (): Sha256 => sha256On(createHash('sha256'));
