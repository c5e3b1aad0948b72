// Reading outside gives nothing of what lies beside.
// expect: passes undefined undefined undefined
const bytes = new Uint8Array(8).subarray(2, 4);
return `${bytes[2]} ${bytes[-1]} ${bytes[2 ** 32]}`;
