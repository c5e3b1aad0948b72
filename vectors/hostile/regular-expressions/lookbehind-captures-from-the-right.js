// Groups in a lookbehind match from the right to the left.
// expect: passes 1,053
return /(?<=(\d+)(\d+))$/.exec("1053").slice(1).join();
