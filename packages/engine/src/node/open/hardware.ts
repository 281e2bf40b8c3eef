import { existsSync } from 'node:fs';

/** The graphics devices of a Linux process; /dev/dxg is the one of WSL. */
const linuxDevices = ['/dev/dri', '/dev/nvidia0', '/dev/nvidiactl', '/dev/dxg', '/dev/kfd', '/dev/mali0'];

/** With these a user names a Vulkan driver, which may be one that computes in software. */
const driverVariables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'];

/**
 * The reason for which no graphics processor can be there, or undefined if one may be. Only Linux shows it
 * without loading a driver; elsewhere the answer is always undefined.
 */
export const whyNoGraphics = (
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined =>
  platform !== 'linux' || linuxDevices.some(exists) || driverVariables.some((name) => environment[name])
    ? undefined
    : 'no graphics device (none of /dev/dri, /dev/nvidia0, /dev/dxg)';
