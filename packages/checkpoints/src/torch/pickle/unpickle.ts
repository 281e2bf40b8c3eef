import { PickleCursor } from './pickle-cursor.js';
import { PickleRefusedError } from './pickle-errors.js';
import { callGlobal, findGlobal, storageOf } from './pickle-globals.js';
import { PickleMachine } from './pickle-machine.js';
import { type PickleValue, PyDict, PyList, PyTuple } from './pickle-values.js';

/**
 * Runs a pickle on a machine that can build tensors' descriptions, numbers, text, lists, tuples and
 * dictionaries, and nothing else. Globals come from an allow-list and are never looked up.
 *
 * @param bytes may hold more after the pickle
 * @param file named in errors
 * @param start first byte of the pickle
 * @returns the value, and the position after the pickle
 * @throws PickleRefusedError, PickleFormatError, PickleEndError, WeightFileLimitError
 */
export const unpickle = (
  bytes: Uint8Array,
  file: string,
  start = 0,
): { readonly value: PickleValue; readonly end: number } => {
  const cursor = new PickleCursor(bytes, file, start);
  const machine = new PickleMachine(cursor);
  for (;;) {
    machine.spend();
    const opcode = cursor.byte();
    if (opcode === stop) return { value: machine.pop(), end: cursor.position };
    const run = instructions[opcode];
    if (run === undefined)
      machine.fail(`opcode 0x${opcode.toString(16).padStart(2, '0')}`, 'one that torch.save writes');
    else run(machine, cursor);
  }
};

type Instruction = (machine: PickleMachine, cursor: PickleCursor) => void;

const stop = 0x2e;

/** An instruction that no tensor file needs; its name goes into the error. */
const refuse =
  (what: string): Instruction =>
  (_, cursor) => {
    throw new PickleRefusedError(cursor.file, what);
  };

/** Python's pickletools names, protocols 2 to 5. */
const table: readonly (readonly [opcode: number, run: Instruction])[] = [
  // PROTO, FRAME
  [
    0x80,
    (m, c) => {
      if (c.byte() > 5) m.fail('a later pickle protocol', 'protocols 0 to 5');
    },
  ],
  [0x95, (_, c) => void c.length64()],
  // NONE, NEWTRUE, NEWFALSE, BININT1, BININT2, BININT, LONG1, LONG4, BINFLOAT
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [0x4b, (m, c) => m.push(c.byte())],
  [0x4d, (m, c) => m.push(c.uint16())],
  [0x4a, (m, c) => m.push(c.int32())],
  [0x8a, (m, c) => m.push(c.integer(c.byte()))],
  [0x8b, (m, c) => m.push(c.integer(c.int32()))],
  [0x47, (m, c) => m.push(c.float64())],
  // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8, SHORT_BINSTRING, BINSTRING
  [0x58, (m, c) => m.push(c.text(c.uint32()))],
  [0x8c, (m, c) => m.push(c.text(c.byte()))],
  [0x8d, (m, c) => m.push(c.text(c.length64()))],
  [0x55, (m, c) => m.push(c.latin1(c.byte()))],
  [0x54, (m, c) => m.push(c.latin1(c.uint32()))],
  // EMPTY_LIST, EMPTY_DICT, EMPTY_TUPLE, MARK, TUPLE, TUPLE1, TUPLE2, TUPLE3, LIST, DICT
  [0x5d, (m) => m.push(new PyList())],
  [0x7d, (m) => m.push(new PyDict())],
  [0x29, (m) => m.push(new PyTuple([]))],
  [0x28, (m) => m.mark()],
  [0x74, (m) => m.push(new PyTuple(m.popMark()))],
  [0x85, (m) => m.push(new PyTuple(m.popMany(1)))],
  [0x86, (m) => m.push(new PyTuple(m.popMany(2)))],
  [0x87, (m) => m.push(new PyTuple(m.popMany(3)))],
  [0x6c, (m) => m.push(m.append(new PyList(), m.popMark()))],
  [0x64, (m) => m.push(m.set(new PyDict(), m.popMark()))],
  // APPEND, APPENDS, SETITEM, SETITEMS: the container stays on the stack
  [0x61, (m) => m.under(m.popMany(1), (top, items) => m.append(top, items))],
  [0x65, (m) => m.under(m.popMark(), (top, items) => m.append(top, items))],
  [0x73, (m) => m.under(m.popMany(2), (top, pairs) => m.set(top, pairs))],
  [0x75, (m) => m.under(m.popMark(), (top, pairs) => m.set(top, pairs))],
  // POP, POP_MARK
  [0x30, (m) => void m.pop()],
  [0x31, (m) => void m.popMark()],
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  [0x71, (m, c) => m.remember(c.byte())],
  [0x72, (m, c) => m.remember(c.uint32())],
  [0x94, (m) => m.remember()],
  [0x68, (m, c) => m.recall(c.byte())],
  [0x6a, (m, c) => m.recall(c.uint32())],
  // GLOBAL, STACK_GLOBAL, INST: looked up in the allow-list, so that a refusal names them
  [0x63, (m, c) => m.push(findGlobal(c.line(), c.line(), m.place()))],
  [
    0x93,
    (m) => {
      const [module, name] = m.popMany(2);
      m.push(findGlobal(String(module), String(name), m.place()));
    },
  ],
  [
    0x69,
    (m, c) => {
      findGlobal(c.line(), c.line(), m.place());
      throw new PickleRefusedError(c.file, 'building an instance (INST)');
    },
  ],
  // REDUCE, BINPERSID, BUILD
  [
    0x52,
    (m) => {
      const args = m.pop();
      m.push(callGlobal(m.pop(), args, m.place()));
    },
  ],
  [0x51, (m) => m.push(storageOf(m.pop(), m.place()))],
  [0x62, (m) => m.build()],
  [0x50, refuse('a persistent id in text (PERSID)')],
  [0x6f, refuse('building an object (OBJ)')],
  [0x81, refuse('building an object (NEWOBJ)')],
  [0x92, refuse('building an object (NEWOBJ_EX)')],
  [0x82, refuse('the extension registry (EXT1)')],
  [0x83, refuse('the extension registry (EXT2)')],
  [0x84, refuse('the extension registry (EXT4)')],
  [0x97, refuse('an out-of-band buffer (NEXT_BUFFER)')],
  [0x98, refuse('an out-of-band buffer (READONLY_BUFFER)')],
];
const instructions: readonly (Instruction | undefined)[] = table.reduce<(Instruction | undefined)[]>(
  (all, [opcode, run]) => {
    all[opcode] = run;
    return all;
  },
  new Array(256).fill(undefined),
);
