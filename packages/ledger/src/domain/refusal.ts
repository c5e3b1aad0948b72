/**
 * Why a transaction or query is refused, in the chain's own terms: a codespace, a code within it, a text.
 *
 * The pair is what clients match on, together with the few text tokens of the ledger specification 3.8. It is thrown
 * inside the state machine, caught at its edge and never leaves this package as an exception.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly codespace: string;
  readonly code: number;
  /** What happened here, without the words of the code's class. */
  readonly detail: string;

  constructor(codespace: string, code: number, detail: string, classWords = "") {
    super(classWords === "" ? detail : `${detail}: ${classWords}`);
    this.codespace = codespace;
    this.code = code;
    this.detail = detail;
    this.#classWords = classWords;
  }

  readonly #classWords: string;

  /** As a query's error: codespace, code, the class's words, the detail. */
  get statusText(): string {
    const words = this.#classWords === "" ? this.detail : `${this.#classWords}: ${this.detail}`;
    return `codespace ${this.codespace} code ${this.code}: ${words}`;
  }
}

const sdkClasses = {
  transactionUndecodable: [2, "tx parse error"],
  unauthorized: [4, "unauthorized"],
  insufficientFunds: [5, "insufficient funds"],
  unknownRequest: [6, "unknown request"],
  invalidAddress: [7, "invalid address"],
  invalidPublicKey: [8, "invalid pubkey"],
  unknownAddress: [9, "unknown address"],
  invalidCoins: [10, "invalid coins"],
  outOfGas: [11, "out of gas"],
  memoTooLarge: [12, "memo too large"],
  insufficientFee: [13, "insufficient fee"],
  tooManySignatures: [14, "maximum number of signatures exceeded"],
  noSignatures: [15, "no signatures supplied"],
  invalidRequest: [18, "invalid request"],
  alreadyInMempool: [19, "tx already in mempool"],
  mempoolFull: [20, "mempool is full"],
  transactionTooLarge: [21, "tx too large"],
  invalidHeight: [26, "invalid height"],
  invalidType: [29, "invalid type"],
  timeoutHeight: [30, "tx timeout height"],
  unknownExtensionOptions: [31, "unknown extension options"],
  wrongSequence: [32, "incorrect account sequence"],
  logic: [35, "internal logic error"],
  notFound: [38, "not found"],
  invalidGasLimit: [41, "invalid gas limit"],
  timeout: [42, "tx timeout"],
} as const;

/** A kind of refusal in codespace `sdk`. */
export type SdkClass = keyof typeof sdkClasses;

/** A refusal in codespace `sdk`; the class's own words follow the detail, as clients of the original expect. */
export function sdkRefusal(kind: SdkClass, detail: string): Refusal {
  const [code, words] = sdkClasses[kind];
  return new Refusal("sdk", code, detail, words);
}

/** An error that the original does not register: `undefined/1`. All stateless validation ends here. */
export function plainRefusal(detail: string): Refusal {
  return new Refusal("undefined", 1, detail);
}

/** What the original reports when a handler panics. */
export function panicRefusal(detail: string): Refusal {
  return new Refusal("undefined", 111222, `recovered: ${detail}: panic`);
}

/** A refusal in codespace `metadata`. */
export function metadataRefusal(code: 2 | 3 | 4 | 5 | 6 | 7, detail: string): Refusal {
  return new Refusal("metadata", code, detail);
}

/** Runs `body`; whatever it refuses becomes an invalid request with the same text, as the original's handlers wrap it. */
export function asInvalidRequest<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof Refusal) throw sdkRefusal("invalidRequest", error.message);
    throw error;
  }
}
