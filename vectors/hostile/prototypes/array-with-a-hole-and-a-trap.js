// A hole is looked up in the chain, where a trap of one's own may stand.
// expect: passes 1,trap
class Trap extends Array { get [1]() { return "trap"; } }
const list = new Trap(); list[0] = 1; list.length = 2;
return [...list].join();
