const key = (parts) => parts.join("");

/** Tells the time. */
export function now() {
  return globalThis[key(["Da", "te"])].now();
}
