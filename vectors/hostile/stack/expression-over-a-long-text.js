// A capture in each turn is remembered for backtracking.
// expect: passes 30000
return /^(?:(a)|b)*$/.exec("a".repeat(30000))[0].length;
