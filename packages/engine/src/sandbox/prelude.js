// Runs inside the interpreter before any contract: takes away what a contract must not have, supplies the text encoding
// that the protobuf runtime wants, freezes everything, and leaves one function through which the host talks to the
// contract. It is part of the contract ABI (docs/protocol/contract-bundle.md): a change here is a new version.
(() => {
  const {
    create,
    defineProperty,
    freeze,
    getOwnPropertyDescriptor,
    getOwnPropertyDescriptors,
    getPrototypeOf,
    isFrozen,
  } = Object;
  const { apply, ownKeys } = Reflect;
  const { stringify } = JSON;
  const { fromCharCode } = String;
  const BytesType = Uint8Array;
  const EngineError = InternalError;
  const TextOf = String;
  const uncurry =
    (method) =>
    (self, ...rest) =>
      apply(method, self, rest);
  const slice = uncurry(String.prototype.slice);
  const matches = uncurry(RegExp.prototype.test);
  const encodeText = encodeURIComponent;
  const decodeText = decodeURIComponent;
  const toPercents = escape;
  const fromPercents = unescape;
  const typedArray = getPrototypeOf(BytesType.prototype);
  const typeOfArray = uncurry(getOwnPropertyDescriptor(typedArray, Symbol.toStringTag).get);
  const lengthOfArray = uncurry(getOwnPropertyDescriptor(typedArray, "length").get);
  const bufferOfArray = uncurry(getOwnPropertyDescriptor(typedArray, "buffer").get);
  const setArray = uncurry(typedArray.set);
  const subarray = uncurry(typedArray.subarray);

  // --- what a contract must not have -------------------------------------------------------------------------------

  const denials = new WeakMap();
  const rememberDenial = uncurry(WeakMap.prototype.set);
  const denialOf = uncurry(WeakMap.prototype.get);

  function refuseAccess(name) {
    const error = new Error(`a contract has no ${name}`);
    defineProperty(error, "name", { value: "NoAuthority" });
    rememberDenial(denials, error, name);
    throw error;
  }

  // Even `typeof name` is an access. A contract that asks whether it could is one that would, somewhere else.
  function deny(holder, key, name) {
    const refuse = () => refuseAccess(name);
    defineProperty(holder, key, { get: refuse, set: refuse, enumerable: false, configurable: false });
  }

  const ambient = [
    "Date",
    "Intl",
    "WeakRef",
    "FinalizationRegistry",
    "SharedArrayBuffer",
    "Atomics",
    "WebAssembly",
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "EventSource",
    "Worker",
    "MessageChannel",
    "BroadcastChannel",
    "process",
    "require",
    "Buffer",
    "Deno",
    "Bun",
    "std",
    "os",
    "performance",
    "crypto",
    "console",
    "print",
    "navigator",
    "document",
    "localStorage",
    "sessionStorage",
    "indexedDB",
    "setTimeout",
    "setInterval",
    "setImmediate",
    "clearTimeout",
    "clearInterval",
    "clearImmediate",
    "queueMicrotask",
    "requestAnimationFrame",
  ];
  for (const name of ambient) deny(globalThis, name, name);
  deny(Math, "random", "Math.random");

  const localized = [
    [Object.prototype, "Object", ["toLocaleString"]],
    [Array.prototype, "Array", ["toLocaleString"]],
    [Number.prototype, "Number", ["toLocaleString"]],
    [BigInt.prototype, "BigInt", ["toLocaleString"]],
    [typedArray, "TypedArray", ["toLocaleString"]],
    [String.prototype, "String", ["localeCompare", "toLocaleLowerCase", "toLocaleUpperCase"]],
  ];
  for (const [holder, type, keys] of localized) {
    for (const key of keys) deny(holder, key, `${type}.prototype.${key}`);
  }

  // --- text encoding, strict both ways -----------------------------------------------------------------------------

  // Methods of texts are called plainly here: all this runs when they are frozen, and texts have no methods of their own.
  const CHUNK = 1024;
  const beyondAscii = /[^\0-\x7f]/;

  function encodeUtf8(text) {
    if (!text.isWellFormed()) throw new TypeError("a text with half a surrogate pair has no UTF-8 form");
    const bytesAsText = matches(beyondAscii, text) ? fromPercents(encodeText(text)) : text;
    const { length } = bytesAsText;
    const bytes = new BytesType(length);
    for (let index = 0; index < length; index++) bytes[index] = bytesAsText.charCodeAt(index);
    return bytes;
  }

  function decodeUtf8(bytes) {
    const length = lengthOfArray(bytes);
    let text = "";
    for (let start = 0; start < length; start += CHUNK) {
      text += apply(fromCharCode, undefined, subarray(bytes, start, start + CHUNK));
    }
    if (!matches(beyondAscii, text)) return text;
    try {
      return decodeText(toPercents(text));
    } catch {
      throw new TypeError("these bytes are not UTF-8");
    }
  }

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      return encodeUtf8(TextOf(text));
    }
  }

  class TextDecoder {
    #keepsMark;
    constructor(label = "utf-8", { ignoreBOM = false } = {}) {
      if (label !== "utf-8" && label !== "utf8") throw new RangeError("only UTF-8 is known here");
      this.#keepsMark = ignoreBOM;
    }
    get encoding() {
      return "utf-8";
    }
    get fatal() {
      return true;
    }
    get ignoreBOM() {
      return this.#keepsMark;
    }
    decode(bytes = new BytesType(0)) {
      if (typeOfArray(bytes) !== "Uint8Array") throw new TypeError("only a Uint8Array can be decoded");
      const text = decodeUtf8(bytes);
      return !this.#keepsMark && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
  }

  for (const [name, value] of [
    ["TextEncoder", TextEncoder],
    ["TextDecoder", TextDecoder],
  ]) {
    defineProperty(globalThis, name, { value, enumerable: false, writable: false, configurable: false });
  }

  // --- freezing ----------------------------------------------------------------------------------------------------

  // A frozen prototype would also forbid its heirs a property of the same name by assignment. For the names that
  // ordinary code assigns, an accessor stands in that lets heirs have their own.
  function letHeirsOverride(prototype, keys) {
    for (const key of keys) {
      const descriptor = getOwnPropertyDescriptor(prototype, key);
      if (descriptor === undefined || !("value" in descriptor) || !descriptor.configurable) continue;
      const { value } = descriptor;
      defineProperty(prototype, key, {
        get: () => value,
        set(own) {
          if (this === prototype) throw new TypeError(`${TextOf(key)} of a built-in object cannot be changed`);
          defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
        },
        enumerable: false,
        configurable: false,
      });
    }
  }

  const errors = [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    EngineError,
    AggregateError,
  ];
  for (const { prototype } of errors) letHeirsOverride(prototype, ["name", "message", "toString", "constructor"]);
  letHeirsOverride(Object.prototype, ownKeys(Object.prototype));
  letHeirsOverride(Function.prototype, ["toString", "constructor", "call", "apply", "bind"]);
  letHeirsOverride(Array.prototype, ["toString", "constructor"]);

  function freezeAll(roots) {
    const seen = new Set();
    const pending = roots;
    while (pending.length > 0) {
      const object = pending.pop();
      if ((typeof object !== "object" && typeof object !== "function") || object === null || seen.has(object)) continue;
      seen.add(object);
      freeze(object);
      pending.push(getPrototypeOf(object));
      const descriptors = getOwnPropertyDescriptors(object);
      for (const key of ownKeys(descriptors)) {
        const { value, get, set } = descriptors[key];
        pending.push(value, get, set);
      }
    }
  }

  // Intrinsics that no global names.
  const hidden = [
    function* () {},
    async () => {},
    async function* () {},
    [][Symbol.iterator](),
    ""[Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    "".matchAll(/x/g),
    Iterator.from({ next() {} }),
    [].values().map((value) => value),
  ];
  freezeAll([globalThis, refuseAccess, ...hidden.map((object) => getPrototypeOf(object))]);
  if (!isFrozen(globalThis)) throw new TypeError("the global object is not frozen");

  // --- the host's door ---------------------------------------------------------------------------------------------

  const TEXT_MAX = 1000;
  const STACK_MAX = 4000;

  // Whatever was thrown may be a trap itself: a proxy, a getter that throws or never ends. The last is fuel's business.
  function readText(object, key, lengthMax) {
    try {
      const value = object[key];
      return typeof value === "string" ? slice(value, 0, lengthMax) : undefined;
    } catch {
      return undefined;
    }
  }

  function limitOf(error) {
    try {
      if (!(error instanceof EngineError)) return undefined;
    } catch {
      return undefined;
    }
    const message = readText(error, "message", TEXT_MAX);
    if (message === "out of memory" || message === "string too long") return "memory";
    if (message === "stack overflow") return "stack";
    return undefined;
  }

  function failureOf(error) {
    const failure = create(null);
    if ((typeof error !== "object" && typeof error !== "function") || error === null) {
      failure.name = "";
      failure.message = typeof error === "symbol" ? "a symbol" : slice(TextOf(error), 0, TEXT_MAX);
      failure.value = error === null ? "null" : typeof error;
      return failure;
    }
    failure.limit = limitOf(error);
    failure.denied = denialOf(denials, error);
    for (const key of ["name", "message", "rule", "field", "kind", "value"])
      failure[key] = readText(error, key, TEXT_MAX);
    failure.stack = readText(error, "stack", STACK_MAX);
    return failure;
  }

  function copyOf(bytes) {
    if (typeOfArray(bytes) !== "Uint8Array") throw new TypeError("a function must give a Uint8Array");
    const copy = new BytesType(lengthOfArray(bytes));
    setArray(copy, bytes);
    return bufferOfArray(copy);
  }

  let contract;

  /** Answers a buffer, or a text: "v" and a value, or "f" and a failure as JSON. */
  return (operation, argument, payload) => {
    try {
      switch (operation) {
        case "open": {
          const { describe, load, call } = argument;
          if (typeof describe !== "function" || typeof load !== "function" || typeof call !== "function") {
            throw new TypeError("a bundle exports describe, load and call");
          }
          contract = { describe, load, call };
          return "v";
        }
        case "describe": {
          const text = contract.describe();
          if (typeof text !== "string") throw new TypeError("describe must give a text");
          return `v${text}`;
        }
        case "load":
          contract.load(argument, payload);
          return "v";
        case "call":
          return copyOf(contract.call(argument));
        default:
          throw argument;
      }
    } catch (error) {
      return `f${stringify(failureOf(error))}`;
    }
  };
})();
