// Pairs are asked for key and value in order.
// expect: passes 0,1
const asked = [];
Object.fromEntries([{ get 0() { asked.push(0); return "k"; }, get 1() { asked.push(1); return "v"; } }]);
return asked.join();
