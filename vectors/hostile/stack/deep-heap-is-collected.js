// Collecting what is chained by iterators upon iterators takes no stack: the whole chain is let go of.
// expect: passes collected
for (let round = 0; round < 3; round++) {
  let it = [1].values();
  for (let i = 0; i < 7000; i++) it = it.filter(() => true);
}
return "collected";
