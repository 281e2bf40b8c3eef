import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Fields, isOption } from './declare.js';

/**
 * Values with their paths written down so that they are found from elsewhere. A name of the Hub stays a name where there is
 * no such directory.
 *
 * @param folder from which paths are meant
 */
export const withWholePaths = <T extends object>(values: T, fields: Fields, folder: string): T => {
  const paths = Object.entries(values).flatMap(([name, value]) => {
    const field = fields[name];
    if (field === undefined || !isOption(field) || typeof value !== 'string') return [];
    const { path } = field.kind;
    const whole = resolve(folder, value);
    return path === 'always' || (path === 'if there' && existsSync(whole)) ? [[name, whole]] : [];
  });
  return { ...values, ...Object.fromEntries(paths) };
};
