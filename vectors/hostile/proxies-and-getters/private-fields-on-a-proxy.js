// A private field is put on whatever the parent's constructor gives, built-in objects and proxies too.
// expect: passes 1
class Give { constructor(o) { return o; } }
class Stamp extends Give { #mark = 1; static read(o) { return o.#mark; } }
const proxy = new Proxy({}, {});
new Stamp(proxy);
return Stamp.read(proxy);
