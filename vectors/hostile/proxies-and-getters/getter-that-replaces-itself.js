// A getter may put a value in its place.
// expect: passes 1 1
const o = { get once() { Object.defineProperty(this, "once", { value: 1 }); return this.once; } };
return `${o.once} ${o.once}`;
