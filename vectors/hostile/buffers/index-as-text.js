// A text that is the number of a place is a place; one that only looks like it is none.
// expect: passes 7 undefined undefined false
const bytes = Uint8Array.of(7); bytes["00"] = 1;
return `${bytes["0"]} ${bytes["+0"]} ${bytes["1.5"]} ${"1" in bytes}`;
