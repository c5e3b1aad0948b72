// A map is made of pairs; the iterator is ended where one is none.
// expect: passes TypeError ended
let state = "";
const source = (function* () { try { yield 1; } finally { state = "ended"; } })();
try { new Map(source); } catch (error) { return `${error.name} ${state}`; }
