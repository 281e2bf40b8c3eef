import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { lastLines, runCommand, tryCommand } from './command.mjs';
import { BuildError } from './errors.mjs';
import { finish, requireSpace, temporaryPath } from './folders.mjs';

/** Libraries that carry the C API, and the headers its two entry points include. */
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const HEADER_FOLDERS = [
  'tensorflow/c/',
  'tensorflow/core/platform/ctstring',
  'tsl/platform/',
  'tsl/c/',
  'xla/tsl/c/',
];

/** Interpreters whose wheels will do when there is none for the running one: only C libraries are taken from it. */
const OTHER_PYTHONS = ['3.13', '3.12', '3.11', '3.10'];

const EXTRACT = `
import os, shutil, sys, zipfile
wheel, out, libraries, headers = sys.argv[1], sys.argv[2], sys.argv[3].split(','), sys.argv[4].split(',')
def targets(name):
    for library in libraries:
        if name == 'tensorflow/' + library:
            return os.path.join('lib', library)
    prefix = 'tensorflow/include/'
    if name.startswith(prefix) and not name.endswith('/') and any(name[len(prefix):].startswith(h) for h in headers):
        return os.path.join('include', name[len(prefix):])
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        target = targets(entry.filename)
        if target is None:
            continue
        path = os.path.join(out, target)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(entry) as source, open(path, 'wb') as sink:
            shutil.copyfileobj(source, sink, 1 << 22)
            sink.flush()
            os.fsync(sink.fileno())
`;

export function findPython(candidates) {
  for (const python of candidates) {
    const result = tryCommand(python, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])']);
    if (result.ok) {
      return { python, version: result.stdout.trim() };
    }
  }
  throw new BuildError(
    `No Python was found (tried ${candidates.join(', ')}). It is needed to fetch and unpack the TensorFlow wheel: ` +
      'install Python 3 with pip, or name one with --python.',
  );
}

/** Name and version of a wheel, from its file name (PEP 427). */
export function parseWheelName(file) {
  const match = /^([A-Za-z0-9_.]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-([^-]+)\.whl$/.exec(basename(file));
  if (match === null) {
    throw new BuildError(
      `"${basename(file)}" is not named like a wheel (NAME-VERSION-PYTHON-ABI-PLATFORM.whl).`,
    );
  }
  return { distribution: match[1].replaceAll('_', '-'), version: match[2], platform: match[3] };
}

/** Has pip download the wheel into `directory`; returns its path. */
export function downloadWheel({ python, distribution, tensorflow, directory }) {
  const pip = tryCommand(python, ['-m', 'pip', '--version']);
  if (!pip.ok) {
    throw new BuildError(
      `${python} has no pip. It is needed to fetch the ${distribution} wheel: install it (Debian: python3-pip), name another Python with --python, or give a wheel with --wheel.`,
    );
  }
  const requirement = tensorflow === 'latest' ? distribution : `${distribution}==${tensorflow}`;
  let failure = '';
  for (const other of [undefined, ...OTHER_PYTHONS]) {
    const result = tryCommand(python, [
      ...[
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--only-binary=:all:',
        '--disable-pip-version-check',
        '--quiet',
      ],
      ...['--retries', '1', '--dest', directory],
      ...(other === undefined ? [] : ['--python-version', other]),
      requirement,
    ]);
    const wheel = readdirSync(directory).find((name) => name.endsWith('.whl'));
    if (result.ok && wheel !== undefined) {
      return join(directory, wheel);
    }
    failure ||= lastLines(result);
    if (!result.stderr.includes('No matching distribution')) {
      break;
    }
  }
  throw new BuildError(
    `pip found no ${requirement} wheel for this machine (${process.platform} ${process.arch}). Check the network or pip's index, ` +
      `ask for another version with --tensorflow, or give a downloaded wheel with --wheel. pip said:\n${failure}`,
  );
}

/** Unpacks the C libraries and headers of a wheel into `directory` (made whole, or not at all). */
export function extractWheel({ python, wheel, directory }) {
  requireSpace(join(directory, '..'), 2 * 2 ** 30);
  const partial = temporaryPath(directory);
  mkdirSync(partial, { recursive: true });
  try {
    runCommand(
      python,
      ['-c', EXTRACT, wheel, partial, LIBRARIES.join(','), HEADER_FOLDERS.join(',')],
      `${wheel} could not be unpacked; download it again.`,
    );
    const wanted = [...LIBRARIES.map((name) => `lib/${name}`), 'include/tensorflow/c/eager/c_api.h'];
    const missing = wanted.filter((name) => !existsSync(join(partial, name)));
    if (missing.length > 0) {
      throw new BuildError(
        `${basename(wheel)} has no ${missing.join(', ')}. Expected a current Linux wheel of tensorflow or tensorflow-cpu (2.21 is seen to work).`,
      );
    }
    finish(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
