// Blocks of ever other sizes, every second let go of, leave gaps that still serve.
// expect: passes done
const kept = [];
for (let round = 0; round < 20; round++) {
  for (let i = 1; i < 60; i++) kept.push(new Uint8Array(i * 100));
  for (let i = kept.length - 1; i >= 0; i -= 2) kept[i] = null;
  for (let i = kept.length - 1; i >= 0; i--) if (kept[i] === null) kept.splice(i, 1);
  if (kept.length > 300) kept.length = 100;
}
return "done";
