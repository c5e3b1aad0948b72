// An object is asked for its text once.
// expect: passes 1 3
let asked = 0;
const bytes = new TextEncoder().encode({ toString() { asked++; return "abc"; } });
return `${asked} ${bytes.length}`;
