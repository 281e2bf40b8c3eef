import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Environment } from '@ntk-lens/core';

/** `os.path.join` of two parts: nothing is normalized, and an absolute second part is the result. */
export const joinPath = (first: string, second: string): string => {
  if (first === '' || /^([\\/]|[A-Za-z]:[\\/])/.test(second)) return second;
  return /[\\/]$/.test(first) ? first + second : `${first}/${second}`;
};

/** `os.path.expandvars(os.path.expanduser(path))`: a leading `~` or `~user`, then `$NAME` and `${NAME}`, each once. */
export const expandPath = (path: string, env: Environment): string =>
  expandUser(path, env).replace(
    /\$(?:([A-Za-z0-9_]+)|\{([^}]*)\})/g,
    (whole, name?: string, braced?: string) => env[name ?? braced ?? ''] ?? whole,
  );

/** The home directory as Python finds it: `HOME`, even where it is empty. */
export const homeOf = (env: Environment): string => expandUser('~', env);

const expandUser = (path: string, env: Environment): string => {
  const [, user, rest] = /^~([^/\\]*)(.*)$/s.exec(path) ?? [];
  if (user === undefined) return path;
  const home = user === '' ? (env['HOME'] ?? env['USERPROFILE'] ?? homedir()) : homeOfUser(user);
  if (home === undefined) return path;
  return home.replace(/\/+$/, '') + rest || '/';
};

const homeOfUser = (user: string): string | undefined => {
  let text: string;
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return undefined;
  }
  return text
    .split('\n')
    .find((line) => line.startsWith(`${user}:`))
    ?.split(':')[5];
};
