// A getter on a frozen object still runs, and may answer otherwise each time.
// expect: passes 1,2
let n = 0;
const o = Object.freeze({ get n() { return ++n; } });
return [o.n, o.n].join();
