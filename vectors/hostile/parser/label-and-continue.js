// Leaving two loops by a label runs what each has to finish.
// expect: passes inner outer
const seen = [];
outer: for (const _ of [1]) { try { for (;;) { try { break outer; } finally { seen.push("inner"); } } } finally { seen.push("outer"); } }
return seen.join(" ");
