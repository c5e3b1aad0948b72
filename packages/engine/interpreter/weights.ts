/** What is charged for one instruction, in units of fuel; part of the contract ABI (docs/protocol/contract-bundle.md). */
export interface Weights {
  /** For each opcode of one byte. */
  readonly instruction: readonly number[];
  /** Conversions that saturate: `0xfc 0` to `0xfc 7`. */
  readonly saturatingConversion: number;
  /** `memory.copy` and `memory.fill`: for each instruction, and for each 2^bulkShift bytes, rounded down. */
  readonly bulk: number;
  readonly bulkShift: number;
  /** `memory.grow`: for each page asked for, 2^pageShift, beside the weight of the instruction. */
  readonly pageShift: number;
}

/** Instructions of one weight; `opcodes` are ranges, both ends included. */
interface WeightClass {
  readonly what: string;
  readonly units: number;
  readonly opcodes: readonly (readonly [from: number, to: number])[];
}

/** The weights of ABI 2. What costs the processor nothing or next to nothing is not work. */
export const weightClasses: readonly WeightClass[] = [
  {
    what: "`unreachable` `nop` `block` `loop` `else` `end` `drop`, locals, constants",
    units: 0,
    opcodes: [
      [0x00, 0x03],
      [0x05, 0x05],
      [0x0b, 0x0b],
      [0x1a, 0x1a],
      [0x20, 0x22],
      [0x41, 0x44],
    ],
  },
  {
    what: "`if` `br` `br_if` `return` `select`, globals, `memory.size`, comparisons, arithmetic, conversions",
    units: 1,
    opcodes: [
      [0x04, 0x04],
      [0x0c, 0x0d],
      [0x0f, 0x0f],
      [0x1b, 0x1b],
      [0x23, 0x24],
      [0x3f, 0x3f],
      [0x45, 0xc4],
    ],
  },
  { what: "loads and stores", units: 2, opcodes: [[0x28, 0x3e]] },
  { what: "`br_table`", units: 4, opcodes: [[0x0e, 0x0e]] },
  { what: "`call`", units: 4, opcodes: [[0x10, 0x10]] },
  { what: "`call_indirect`", units: 8, opcodes: [[0x11, 0x11]] },
  {
    what: "division and square root of floating numbers",
    units: 8,
    opcodes: [
      [0x91, 0x91],
      [0x95, 0x95],
      [0x9f, 0x9f],
      [0xa3, 0xa3],
    ],
  },
  {
    what: "division and remainder of whole numbers",
    units: 16,
    opcodes: [
      [0x6d, 0x70],
      [0x7f, 0x82],
    ],
  },
  { what: "`memory.grow`, beside its pages", units: 100, opcodes: [[0x40, 0x40]] },
];

function table(): number[] {
  const weights: number[] = new Array(256).fill(0);
  for (const { units, opcodes } of weightClasses) {
    for (const [from, to] of opcodes) weights.fill(units, from, to + 1);
  }
  return weights;
}

/** The weights of ABI 2. */
export const abiWeights: Weights = Object.freeze({
  instruction: Object.freeze(table()),
  saturatingConversion: 1,
  bulk: 8,
  bulkShift: 3,
  pageShift: 12,
});

/** The table of the page of the ABI. */
export function weightRows(weights: Weights = abiWeights): string[] {
  const plain = weightClasses.map(({ what, units }): readonly [string, string] => [what, String(units)]);
  const { bulk, bulkShift, pageShift } = weights;
  const rows = [
    ...plain,
    [
      "`memory.copy` `memory.fill`",
      `${bulk}, and 1 for each ${2 ** bulkShift} bytes of the length, rounded down`,
    ] as const,
    ["each page that `memory.grow` asks for", String(2 ** pageShift)] as const,
  ];
  return rows.map(([what, units]) => `| ${what} | ${units} |`);
}
