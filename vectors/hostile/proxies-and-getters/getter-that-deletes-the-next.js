// A property that is deleted while its neighbours are copied is not copied.
// expect: passes {"a":1}
const o = { get a() { delete o.b; return 1; }, b: 2 };
return JSON.stringify({ ...o });
