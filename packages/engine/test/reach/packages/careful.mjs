const cryptography = globalThis[["cry", "pto"].join("")];

/** An id, of chance where there is any. */
export const id = (text) => (cryptography === undefined ? `id-${text}` : cryptography.randomUUID());
