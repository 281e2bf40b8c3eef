import { spawn } from 'node:child_process';

/** The program that opens a file as a desktop does, by platform. */
const opener = (platform: NodeJS.Platform): string =>
  platform === 'darwin' ? 'open' : platform === 'win32' ? 'explorer.exe' : 'xdg-open';

/** True where a window can appear: always on desktops of one system, else where a display is named. */
const hasDisplay = (env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): boolean =>
  ['darwin', 'win32'].includes(platform) || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);

/**
 * Opens a file with the program of the desktop, and does not wait for it. No shell reads the path.
 *
 * @returns the reason why it was not opened; undefined where it was
 */
export const openFile = async (
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> => {
  if (!hasDisplay(env, platform)) return 'there is no display';
  const program = opener(platform);
  return new Promise((resolve) => {
    const child = spawn(program, [path], { env: { ...env }, stdio: 'ignore', detached: true });
    child.once('error', ({ message }) => resolve(message));
    child.once('spawn', () => {
      child.unref();
      resolve(undefined);
    });
  });
};
