// Leaving a loop ends the generator with what it has to finish.
// expect: passes finished
let seen = "";
for (const _ of (function* () { try { yield 1; } finally { seen = "finished"; } })()) break;
return seen;
