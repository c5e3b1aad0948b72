// What does not fit is refused before anything is written.
// expect: passes RangeError 0,0
const bytes = new Uint8Array(2);
try { bytes.set([1, 2], 1); } catch (error) { return `${error.name} ${bytes.join()}`; }
