// And one that is emptied by the first element.
// expect: passes 1,,
const list = [0, 2, 3];
Object.defineProperty(list, 0, { get() { list.length = 1; return 1; }, configurable: false });
return Array.prototype.map.call(list, (n) => n).join();
