// Number itself is strict about all but blanks.
// expect: passes 0 NaN NaN 17 8 NaN Infinity NaN
return ["", "1_0", "1n", " \n17\ufeff", "0o10", "-0x10", "Infinity", "infinity"].map(Number).join(" ");
