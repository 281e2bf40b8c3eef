// Run with `--import`: after $DISK_BYTES bytes, every file that is written stays cut and the write fails as on a
// full disk.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let left = Number(process.env.DISK_BYTES);
const open = fs.promises.open;
fs.promises.open = async (...argv) => {
  const handle = await open(...argv);
  const writeFile = handle.writeFile.bind(handle);
  handle.writeFile = async (content, ...options) => {
    const bytes = Buffer.from(content);
    const fits = Math.max(0, Math.min(left, bytes.length));
    left -= bytes.length;
    await writeFile(bytes.subarray(0, fits), ...options);
    if (fits < bytes.length) {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        errno: -28,
        syscall: 'write',
      });
    }
  };
  return handle;
};
syncBuiltinESMExports();
