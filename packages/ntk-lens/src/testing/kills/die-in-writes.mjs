// Run with `--import`: in the middle of a write the process kills itself with SIGKILL, once $DIE_BYTES bytes went to files whose paths
// match $DIE_FILE. Bytes that it wrote before stay.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const file = new RegExp(process.env.DIE_FILE ?? '(?!)');
let left = Number(process.env.DIE_BYTES);
const open = fs.promises.open;
fs.promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  if (!file.test(String(path))) return handle;
  const write = handle.write.bind(handle);
  const writeOrDie = async (bytes) => {
    const fits = Math.max(0, Math.min(left, bytes.length));
    left -= bytes.length;
    for (let done = 0; done < fits; ) done += (await write(bytes, done, fits - done)).bytesWritten;
    if (fits < bytes.length) process.kill(process.pid, 'SIGKILL');
    return { bytesWritten: bytes.length, buffer: bytes };
  };
  handle.writeFile = (content) => writeOrDie(Buffer.from(content));
  handle.write = (bytes, offset = 0, length = bytes.byteLength - offset) =>
    writeOrDie(Buffer.from(bytes.buffer, bytes.byteOffset + offset, length));
  return handle;
};
syncBuiltinESMExports();
