// A loop over promises waits at its first.
// expect: passes 0
let n = 0;
(async () => { for await (const _ of [1, 2]) n++; })();
return n;
