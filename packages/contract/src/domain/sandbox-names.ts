/**
 * The global names of the sandbox in ABI 2, which ECMAScript defines all but the last two; a test asks the sandbox
 * itself. A bundle that uses another name without declaring it fails when it gets there.
 */
export const sandboxNames: ReadonlySet<string> = new Set(
  (
    "globalThis undefined NaN Infinity eval parseInt parseFloat isNaN isFinite decodeURI decodeURIComponent encodeURI " +
    "encodeURIComponent escape unescape Object Function Boolean Symbol Number BigInt String RegExp Math JSON Reflect " +
    "Proxy Promise Iterator Array Map Set WeakMap WeakSet Error AggregateError EvalError InternalError RangeError " +
    "ReferenceError SyntaxError TypeError URIError ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray " +
    "Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array Float64Array " +
    "TextEncoder TextDecoder"
  ).split(" "),
);
