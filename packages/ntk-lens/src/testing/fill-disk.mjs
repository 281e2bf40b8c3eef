// Run with `--import`: after $DISK_BYTES bytes, every file that is written stays cut and the write fails as on a
// full disk.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let left = Number(process.env.DISK_BYTES);
const open = fs.promises.open;
fs.promises.open = async (...argv) => {
  const handle = await open(...argv);
  const [writeFile, write] = [handle.writeFile.bind(handle), handle.write.bind(handle)];
  const refuseRest = (rest) => {
    if (rest === 0) return;
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      errno: -28,
      syscall: 'write',
    });
  };
  const take = (length) => {
    const fits = Math.max(0, Math.min(left, length));
    left -= length;
    return fits;
  };
  handle.writeFile = async (content, ...options) => {
    const bytes = Buffer.from(content);
    const fits = take(bytes.length);
    await writeFile(bytes.subarray(0, fits), ...options);
    refuseRest(bytes.length - fits);
  };
  handle.write = async (bytes, offset, length) => {
    const fits = take(length);
    const written = await write(bytes, offset, fits);
    refuseRest(length - fits);
    return written;
  };
  return handle;
};
syncBuiltinESMExports();
