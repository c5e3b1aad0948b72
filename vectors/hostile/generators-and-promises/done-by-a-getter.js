// Whether it is done is asked before the value.
// expect: passes done
const asked = [];
const [first] = { [Symbol.iterator]: () => ({ next: () => ({ get done() { asked.push("done"); return true; }, get value() { asked.push("value"); } }) }) };
return asked.join() + (first ?? "");
