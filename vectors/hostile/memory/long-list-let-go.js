// A long chain is let go of without recursion.
// expect: passes freed
let list = null;
for (let i = 0; i < 40000; i++) list = [list];
list = null;
return "freed";
