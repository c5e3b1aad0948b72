import { signed, unsigned, WasmReader } from "./wasm-reader.ts";
import { abiWeights, type Weights } from "./weights.ts";

/** Why a run ends when the counter is below zero: the reason given to the import `p8e.end`. */
const END_FUEL = 0;

const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const;
const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  globalGet: 0x23,
  globalSet: 0x24,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i64LessSigned: 0x53,
  i64Sub: 0x7d,
  i64ShiftLeft: 0x86,
  i64ShiftRight: 0x88,
  i64ExtendUnsigned: 0xad,
  prefix: 0xfc,
} as const;
const EMPTY = 0x40;
const I32 = 0x7f;
const I64 = 0x7e;

interface Section {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** What the bodies of functions need to know of the module around them. */
interface Surroundings {
  readonly weights: Weights;
  /** The index of the counter. */
  readonly fuel: number;
  /** The index of the function that ends a run. */
  readonly end: number;
}

/**
 * Puts a meter into the interpreter's module: a global of 64 bits, exported as `fuel`, from which each stretch of
 * straight code takes the sum of its instructions' weights before it runs. Where it is looked at (loops, and functions
 * that call) and is below zero, `p8e.end` is called, which never returns.
 *
 * It knows the instructions that the interpreter's compiler writes, and stops at any other.
 */
export function meter(module: Uint8Array, weights: Weights = abiWeights): Uint8Array {
  const sections = sectionsOf(module);
  const find = (id: number): WasmReader => {
    const found = sections.find((section) => section.id === id);
    if (found === undefined) throw new Error(`the module has no section ${id}`);
    return new WasmReader(found.bytes);
  };
  const imports = importsOf(find(SECTION.import));
  const globals = find(SECTION.global);
  const fuel = imports.globals + globals.unsigned();
  const signatures = signaturesOf(find(SECTION.type), find(SECTION.function));
  const around: Surroundings = { weights, fuel, end: imports.end };
  const written = sections.map(({ id, bytes }) => {
    switch (id) {
      case SECTION.global:
        return section(id, appended(bytes, [I64, 1, OP.i64Const, 0, OP.end]));
      case SECTION.export:
        return section(id, appended(bytes, [4, ...new TextEncoder().encode("fuel"), 3, ...unsigned(fuel)]));
      case SECTION.code:
        return section(id, meteredCode(new WasmReader(bytes), signatures, around));
      default:
        return section(id, bytes);
    }
  });
  return Uint8Array.from(Buffer.concat([module.subarray(0, 8), ...written]));
}

function sectionsOf(module: Uint8Array): Section[] {
  const reader = new WasmReader(module, 8);
  const sections: Section[] = [];
  while (!reader.done) {
    const id = reader.byte();
    sections.push({ id, bytes: reader.take(reader.unsigned()) });
  }
  return sections;
}

function section(id: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([id, ...unsigned(content.length)]), content]);
}

/** One more entry at the end of a list. */
function appended(list: Uint8Array, entry: readonly number[]): Uint8Array {
  const reader = new WasmReader(list);
  const count = reader.unsigned();
  return Buffer.concat([Uint8Array.from(unsigned(count + 1)), list.subarray(reader.at), Uint8Array.from(entry)]);
}

function importsOf(reader: WasmReader): { readonly globals: number; readonly end: number } {
  const count = reader.unsigned();
  if (count !== 1) throw new Error(`the module has ${count} imports instead of p8e.end alone`);
  const name = `${reader.name()}.${reader.name()}`;
  if (name !== "p8e.end" || reader.byte() !== 0) throw new Error(`the module imports ${name} instead of p8e.end`);
  return { globals: 0, end: 0 };
}

/** What a function takes and gives, as far as its body has to know. */
interface Signature {
  readonly parameters: number;
  /** As the type of a block: nothing, or one value's type. */
  readonly result: number;
}

/** The signature of each function of the module. */
function signaturesOf(types: WasmReader, functions: WasmReader): Signature[] {
  const signatures: Signature[] = [];
  for (let left = types.unsigned(); left > 0; left--) {
    if (types.byte() !== 0x60) throw new Error("the module has a type that is not a function's");
    const parameters = types.unsigned();
    types.take(parameters);
    const results = types.take(types.unsigned());
    if (results.length > 1) throw new Error("the module has a function of several results");
    signatures.push({ parameters, result: results[0] ?? EMPTY });
  }
  return Array.from({ length: functions.unsigned() }, () => signatures[functions.unsigned()]!);
}

function meteredCode(reader: WasmReader, signatures: readonly Signature[], around: Surroundings): Uint8Array {
  const count = reader.unsigned();
  const chunks: Uint8Array[] = [Uint8Array.from(unsigned(count))];
  for (let index = 0; index < count; index++) {
    const size = reader.unsigned();
    const body = meteredBody(reader.take(size), signatures[index]!, around);
    chunks.push(Uint8Array.from(unsigned(body.length)), body);
  }
  return Buffer.concat(chunks);
}

function meteredBody(body: Uint8Array, signature: Signature, around: Surroundings): Uint8Array {
  const reader = new WasmReader(body);
  const groups = reader.unsigned();
  const declared = reader.at;
  let locals = signature.parameters;
  for (let left = groups; left > 0; left--) {
    locals += reader.unsigned();
    reader.byte();
  }
  const start = reader.at;
  const code = new CodeMeter(reader, { locals, result: signature.result }, around).run();
  const head = [...unsigned(groups + 2), ...body.subarray(declared, start), 1, I64, 1, I32];
  return Buffer.concat([Uint8Array.from(head), code]);
}

/**
 * One function's code, cut into stretches that run as a whole or not at all.
 *
 * Within a function the counter is kept in a local, which costs a fraction of the global: it is taken over at the
 * beginning and behind calls, and given back before calls and where the function ends. So that there is one such
 * end, the body becomes a block: a branch to the function's own label lands behind it.
 */
class CodeMeter {
  readonly #reader: WasmReader;
  readonly #weights: Weights;
  readonly #result: number;
  readonly #takeOver: readonly number[];
  readonly #giveBack: readonly number[];
  readonly #ifExhausted: readonly number[];
  /** The counter, and the length of a bulk instruction. */
  readonly #fuel: readonly number[];
  readonly #length: readonly number[];
  readonly #out: Uint8Array[] = [];
  /** The stretch under way: where its charge goes, what it costs, whether the counter is looked at. */
  #place = 0;
  #cost = 0;
  #looks = false;
  /** A call went before in this stretch: the counter is in the global, and the local is old. */
  #isGlobal = false;

  constructor(
    reader: WasmReader,
    { locals, result }: { readonly locals: number; readonly result: number },
    { weights, fuel, end }: Surroundings,
  ) {
    this.#reader = reader;
    this.#weights = weights;
    this.#result = result;
    this.#fuel = unsigned(locals);
    this.#length = unsigned(locals + 1);
    this.#takeOver = [OP.globalGet, ...unsigned(fuel), OP.localSet, ...this.#fuel];
    this.#giveBack = [OP.localGet, ...this.#fuel, OP.globalSet, ...unsigned(fuel)];
    const stop = [...this.#giveBack, OP.i32Const, END_FUEL, OP.call, ...unsigned(end), OP.unreachable];
    const exhausted = [OP.localGet, ...this.#fuel, OP.i64Const, 0, OP.i64LessSigned];
    this.#ifExhausted = [...exhausted, OP.if, EMPTY, ...stop, OP.end];
  }

  run(): Uint8Array {
    const reader = this.#reader;
    this.#write([...this.#takeOver, OP.block, this.#result]);
    this.#open(callsWithin(reader));
    while (!reader.done) this.#instruction();
    this.#close();
    this.#write([...this.#giveBack, OP.end]);
    return Buffer.concat(this.#out);
  }

  #write(code: readonly number[]): void {
    this.#out.push(Uint8Array.from(code));
  }

  #open(looks: boolean): void {
    this.#place = this.#out.push(new Uint8Array(0)) - 1;
    this.#cost = 0;
    this.#looks = looks;
  }

  #close(): void {
    const charge = [OP.localGet, ...this.#fuel, OP.i64Const, ...signed(this.#cost), OP.i64Sub, OP.localSet];
    this.#out[this.#place] = Uint8Array.from([
      ...(this.#cost > 0 ? [...charge, ...this.#fuel] : []),
      ...(this.#looks ? this.#ifExhausted : []),
    ]);
  }

  #toGlobal(): void {
    if (!this.#isGlobal) this.#write(this.#giveBack);
    this.#isGlobal = true;
  }

  #toLocal(): void {
    if (this.#isGlobal) this.#write(this.#takeOver);
    this.#isGlobal = false;
  }

  #split(looks: boolean): void {
    this.#isGlobal = false;
    this.#close();
    this.#open(looks);
  }

  #instruction(): void {
    const reader = this.#reader;
    const from = reader.at;
    const opcode = reader.byte();
    if (opcode === OP.prefix) {
      this.#prefixed(from, reader.unsigned());
      return;
    }
    skipOperands(reader, opcode);
    this.#cost += this.#weights.instruction[opcode]!;
    if (opcode === OP.memoryGrow) this.#chargeByLength(this.#weights.pageShift);
    if (opcode === OP.call || opcode === OP.callIndirect || opcode === OP.return) this.#toGlobal();
    else if (endsStretch(opcode)) this.#toLocal();
    this.#out.push(reader.bytes.subarray(from, reader.at));
    if (endsStretch(opcode)) this.#split(opcode === OP.loop);
  }

  #prefixed(from: number, operation: number): void {
    const reader = this.#reader;
    if (operation <= 7) {
      this.#cost += this.#weights.saturatingConversion;
    } else if (operation === 10 || operation === 11) {
      reader.take(operation === 10 ? 2 : 1);
      this.#cost += this.#weights.bulk;
      this.#chargeByLength(-this.#weights.bulkShift);
    } else {
      throw new Error(`the meter does not know instruction 0xfc ${operation}`);
    }
    this.#out.push(reader.bytes.subarray(from, reader.at));
  }

  /** Takes the number on top of the stack, shifted, from the counter, and leaves it there. */
  #chargeByLength(shift: number): void {
    this.#toLocal();
    this.#write([
      ...[OP.localSet, ...this.#length, OP.localGet, ...this.#fuel],
      ...[OP.localGet, ...this.#length, OP.i64ExtendUnsigned],
      ...[OP.i64Const, ...signed(Math.abs(shift)), shift < 0 ? OP.i64ShiftRight : OP.i64ShiftLeft],
      ...[OP.i64Sub, OP.localSet, ...this.#fuel, OP.localGet, ...this.#length],
    ]);
  }
}

/** Behind it begins code that can be reached from elsewhere, or that need not be reached. */
function endsStretch(opcode: number): boolean {
  return (
    (opcode >= OP.loop && opcode <= OP.else) ||
    opcode === OP.end ||
    (opcode >= OP.br && opcode <= OP.return) ||
    opcode === OP.unreachable
  );
}

/** Whether the code calls anything; leaves the reader where it was. */
function callsWithin(reader: WasmReader): boolean {
  const ahead = new WasmReader(reader.bytes, reader.at, reader.end);
  while (!ahead.done) {
    const opcode = ahead.byte();
    if (opcode === OP.call || opcode === OP.callIndirect) return true;
    if (opcode === OP.prefix) {
      const operation = ahead.unsigned();
      if (operation === 10 || operation === 11) ahead.take(operation === 10 ? 2 : 1);
    } else {
      skipOperands(ahead, opcode);
    }
  }
  return false;
}

function skipOperands(reader: WasmReader, opcode: number): void {
  if (opcode >= OP.block && opcode <= OP.if) {
    reader.skipNumber();
  } else if (opcode === OP.br || opcode === OP.brIf || opcode === OP.call) {
    reader.unsigned();
  } else if (opcode === OP.brTable) {
    for (let left = reader.unsigned(); left >= 0; left--) reader.unsigned();
  } else if (opcode === OP.callIndirect) {
    reader.unsigned();
    reader.unsigned();
  } else if (opcode >= OP.localGet && opcode <= OP.globalSet) {
    reader.unsigned();
  } else if (opcode >= 0x28 && opcode <= 0x3e) {
    reader.unsigned();
    reader.unsigned();
  } else if (opcode === 0x3f || opcode === OP.memoryGrow) {
    reader.byte();
  } else if (opcode === OP.i32Const || opcode === OP.i64Const) {
    reader.skipNumber();
  } else if (opcode === 0x43) {
    reader.take(4);
  } else if (opcode === 0x44) {
    reader.take(8);
  } else if (!isPlain(opcode)) {
    throw new Error(`the meter does not know instruction 0x${opcode.toString(16)}`);
  }
}

/** Instructions without operands: control, parametric, numeric, sign extension. */
function isPlain(opcode: number): boolean {
  return (
    opcode <= 0x01 ||
    opcode === OP.else ||
    opcode === OP.end ||
    opcode === OP.return ||
    opcode === 0x1a ||
    opcode === 0x1b ||
    (opcode >= 0x45 && opcode <= 0xc4)
  );
}
