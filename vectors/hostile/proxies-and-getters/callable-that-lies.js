// A proxy of a function may answer anything.
// expect: passes function 42
const lies = new Proxy(() => 1, { apply: () => 42 });
return `${typeof lies} ${lies()}`;
