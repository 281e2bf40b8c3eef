import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryCommand } from './command.mjs';
import { findCompiler } from './compile.mjs';
import { BuildError } from './errors.mjs';
import { finish, linkOrCopy, removeLeftovers, requireSpace, switchLink } from './folders.mjs';
import { DEFAULT_TENSORFLOW, parseOptions } from './options.mjs';
import { patchPackage, replaceOnce } from './package.mjs';
import { extractWheel, findPython, parseWheelName } from './wheel.mjs';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'native-tfjs-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('options', () => {
  const parse = (...argv: string[]) => parseOptions(argv, { repositoryRoot: '/repo', env: { CXX: 'mycxx' } });

  it('build the CPU package beside the sources by default', () => {
    expect(parse()).toMatchObject({
      out: '/repo/.native-tfjs',
      tensorflow: DEFAULT_TENSORFLOW,
      npmPackage: '@tensorflow/tfjs-node',
      distribution: 'tensorflow-cpu',
      compilers: ['mycxx', 'g++', 'clang++', 'c++'],
    });
  });

  it('choose package and wheel together with --gpu', () => {
    expect(parse('--gpu')).toMatchObject({
      npmPackage: '@tensorflow/tfjs-node-gpu',
      distribution: 'tensorflow',
    });
  });

  it.each([
    ['--bogus'],
    ['--tensorflow', '2'],
    ['--tensorflow', '2.21.0; rm'],
    ['--tensorflow', '2.21.0', '--wheel', 'x.whl'],
  ])('refuse %s %s as wrong usage', (...argv) => {
    expect(() => parse(...argv.filter((word) => word !== undefined))).toThrow(
      expect.objectContaining({ exitCode: 2 }),
    );
  });
});

describe('wheel', () => {
  it('is known by its file name', () => {
    expect(parseWheelName('/a/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl')).toEqual({
      distribution: 'tensorflow-cpu',
      version: '2.21.0',
      platform: 'manylinux_2_27_x86_64',
    });
    expect(() => parseWheelName('tensorflow.zip')).toThrow(BuildError);
  });

  const python = tryCommand('python3', ['--version']).ok;
  const archive = (members: Record<string, string>) => {
    const wheel = join(directory, 'w-1.0-py3-none-any.whl');
    const script =
      'import json,sys,zipfile\nwith zipfile.ZipFile(sys.argv[1],"w") as z:\n  [z.writestr(n,t) for n,t in json.loads(sys.argv[2]).items()]';
    expect(tryCommand('python3', ['-c', script, wheel, JSON.stringify(members)]).ok).toBe(true);
    return wheel;
  };
  const whole = {
    'tensorflow/libtensorflow_cc.so.2': 'cc',
    'tensorflow/libtensorflow_framework.so.2': 'framework',
    'tensorflow/include/tensorflow/c/eager/c_api.h': 'header',
  };

  it.skipIf(!python)('gives its C libraries and headers, and nothing else', () => {
    const wheel = archive({ ...whole, 'tensorflow/python/x.py': '', 'tensorflow/include/absl/y.h': '' });
    extractWheel({ python: 'python3', wheel, directory: join(directory, 'tf') });
    expect(
      readdirSync(join(directory, 'tf'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
        .sort(),
    ).toEqual(['c_api.h', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']);
    expect(readFileSync(join(directory, 'tf/lib/libtensorflow_cc.so.2'), 'utf8')).toBe('cc');
  });

  it.skipIf(!python)('without the C API, or cut off, leaves nothing behind', () => {
    const { 'tensorflow/libtensorflow_cc.so.2': _, ...lacking } = whole;
    const wheel = archive(lacking);
    const extract = () => extractWheel({ python: 'python3', wheel, directory: join(directory, 'tf') });
    expect(extract).toThrow(/has no lib\/libtensorflow_cc\.so\.2/);
    writeFileSync(wheel, readFileSync(wheel).subarray(0, 100));
    expect(extract).toThrow(/could not be unpacked/);
    expect(readdirSync(directory)).toEqual(['w-1.0-py3-none-any.whl']);
  });
});

describe('programs that are missing', () => {
  it('are named with what to do', () => {
    expect(() => findPython(['no-such-python'])).toThrow(/No Python was found \(tried no-such-python\)/);
    expect(() => findCompiler(['no-such-compiler'])).toThrow(
      /No C\+\+ compiler was found \(tried no-such-compiler\)/,
    );
  });
});

describe('patches', () => {
  it('apply to the pinned text once, and refuse another', () => {
    expect(replaceOnce('a b c', 'b', 'x', 'file')).toBe('a x c');
    expect(() => replaceOnce('a b b', 'b', 'x', 'file')).toThrow(/2 occurrences/);
    expect(() => replaceOnce('a', 'b', 'x', 'file')).toThrow(/0 occurrences/);
  });

  it('leave code that runs where util has neither function', () => {
    mkdirSync(join(directory, 'dist/kernels'), { recursive: true });
    const source =
      'var util_1 = require("util");\nmodule.exports = [undefined, null, 0].map((v) => (0, util_1.isNullOrUndefined)(v));';
    for (const name of ['nodejs_kernel_backend.js', 'kernels/TopK.js']) {
      writeFileSync(join(directory, 'dist', name), source);
    }
    patchPackage(directory);
    const text = readFileSync(join(directory, 'dist/kernels/TopK.js'), 'utf8');
    const module: { exports: unknown } = { exports: undefined };
    new Function('module', 'require', text)(module, () => ({}));
    expect(module.exports).toEqual([true, true, false]);
  });
});

describe('folders', () => {
  it('a link is switched, also when it dangles; a real folder in its place is refused', () => {
    const link = join(directory, 'node_modules');
    switchLink(link, join(directory, 'build-a/node_modules'));
    switchLink(link, join(directory, 'build-b/node_modules'));
    expect(readlinkSync(link)).toBe('build-b/node_modules');
    rmSync(link);
    mkdirSync(link);
    writeFileSync(join(link, 'kept'), '');
    expect(() => switchLink(link, join(directory, 'build-b/node_modules'))).toThrow(/not a symbolic link/);
    expect(readdirSync(directory)).toEqual(['node_modules']);
  });

  it('what a killed build left is removed, what a running one writes is not', () => {
    for (const name of ['build-0.tmp-999999999', `build-1.tmp-${process.pid}`, 'build-2']) {
      mkdirSync(join(directory, name));
    }
    removeLeftovers(directory);
    expect(readdirSync(directory).sort()).toEqual([`build-1.tmp-${process.pid}`, 'build-2']);
  });

  it('of two builds of the same, the first to finish stands', () => {
    for (const name of ['slow', 'fast']) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, 'made-by'), name);
    }
    finish(join(directory, 'fast'), join(directory, 'done'));
    finish(join(directory, 'slow'), join(directory, 'done'));
    expect(readFileSync(join(directory, 'done/made-by'), 'utf8')).toBe('fast');
    expect(readdirSync(directory)).toEqual(['done']);
  });

  it('a library under a second name has the same bytes', () => {
    writeFileSync(join(directory, 'a'), 'bytes');
    linkOrCopy(join(directory, 'a'), join(directory, 'deep/er/b'));
    expect(readFileSync(join(directory, 'deep/er/b'), 'utf8')).toBe('bytes');
  });

  it('too little space is said before anything is written', () => {
    expect(() => requireSpace(directory, 2 ** 60)).toThrow(/GiB free/);
    expect(() => requireSpace(directory, 1)).not.toThrow();
  });
});
