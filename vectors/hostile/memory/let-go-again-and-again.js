// Large memory that is let go of each time is no lack of it.
// expect: passes 200
let n = 0;
for (let i = 0; i < 200; i++) n += new Uint8Array(1000000).length > 0 ? 1 : 0;
return n;
