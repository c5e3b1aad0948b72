// Dollar signs in a replacement name parts of the match.
// expect: passes a[$][b][a][c][$1]c
return "abc".replace(/b/, "[$$][$&][$`][$'][$1]");
