// Runs inside the interpreter before any contract: takes away what a contract must not have, supplies the text encoding
// that the protobuf runtime wants, freezes everything, and leaves one function through which the host talks to the
// contract. It is part of the contract ABI (docs/protocol/contract-bundle.md): a change here is a new version.
(refuseNamesBy, utf8OfText, textOfUtf8) => {
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
  const BytesType = Uint8Array;
  const EngineError = InternalError;
  const TextOf = String;
  const uncurry =
    (method) =>
    (self, ...rest) =>
      apply(method, self, rest);
  const slice = uncurry(String.prototype.slice);
  const isWellFormed = uncurry(String.prototype.isWellFormed);
  const typedArray = getPrototypeOf(BytesType.prototype);
  const typeOfArray = uncurry(getOwnPropertyDescriptor(typedArray, Symbol.toStringTag).get);
  const lengthOfArray = uncurry(getOwnPropertyDescriptor(typedArray, "length").get);
  const bufferOfArray = uncurry(getOwnPropertyDescriptor(typedArray, "buffer").get);
  const setArray = uncurry(typedArray.set);

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

  // Names that nothing declares are undefined to `typeof`, by which honest libraries ask what they run in. Whoever goes
  // on and uses one is refused by its name.
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
  const ambientNames = new Set(ambient);
  const isAmbient = uncurry(Set.prototype.has);
  for (const name of [...ambient, "DisposableStack", "AsyncDisposableStack", "SuppressedError"])
    delete globalThis[name];
  refuseNamesBy((name) => {
    if (isAmbient(ambientNames, name)) refuseAccess(name);
  });

  // Buffers keep the size they were made with.
  for (const key of ["resize", "resizable", "maxByteLength", "transfer", "transferToFixedLength", "detached"]) {
    delete ArrayBuffer.prototype[key];
  }
  for (const key of ["transferToImmutable", "sliceToImmutable", "immutable"]) delete ArrayBuffer.prototype[key];

  // It would be told the functions that an error went through: the ones below, which are the host's.
  delete Error.prepareStackTrace;

  // Methods can be named and compared, and are refused when they are called.
  function deny(holder, key, name) {
    const refuse = { [key]: () => refuseAccess(name) }[key];
    defineProperty(holder, key, { value: freeze(refuse), writable: true, enumerable: false, configurable: true });
  }
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

  function encodeUtf8(text) {
    if (!isWellFormed(text)) throw new TypeError("a text with half a surrogate pair has no UTF-8 form");
    return utf8OfText(text);
  }

  function decodeUtf8(bytes) {
    const text = textOfUtf8(bytes);
    if (text === undefined) throw new TypeError("these bytes are not UTF-8");
    return text;
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

  function failureOf(error) {
    const failure = create(null);
    if ((typeof error !== "object" && typeof error !== "function") || error === null) {
      failure.name = "";
      failure.message = typeof error === "symbol" ? "a symbol" : slice(TextOf(error), 0, TEXT_MAX);
      return failure;
    }
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
};
