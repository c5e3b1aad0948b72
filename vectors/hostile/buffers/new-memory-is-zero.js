// A new buffer holds nothing of one that was dropped.
// expect: passes 0
for (let i = 0; i < 20; i++) new Uint8Array(100000).fill(0xaa);
return new Uint8Array(100000).reduce((sum, n) => sum + n, 0);
