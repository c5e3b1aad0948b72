// One that has not begun is over then.
// expect: passes Error true
const it = (function* () { yield 1; })();
let name; try { it.throw(new Error("x")); } catch (error) { name = error.name; }
return `${name} ${it.next().done}`;
