// Listens to Ctrl-C or not, says that it is ready, and is then busy on its only thread for longer than any test waits.
import { interruptible } from '../cli/interrupt.js';

const when = process.argv[2];
const { signal, listen } = interruptible(process.stderr);
const beBusy = (): void => {
  process.stdout.write('busy\n');
  const end = Date.now() + 60_000;
  while (Date.now() < end);
};
if (when === 'after the first signal') {
  listen(true);
  signal.addEventListener('abort', () => setTimeout(beBusy));
  process.stdout.write('waiting\n');
  setTimeout(() => {}, 60_000);
} else {
  listen(when === 'listening');
  setTimeout(beBusy);
}
