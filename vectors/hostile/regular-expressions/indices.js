// Where groups matched, with a group that did not.
// expect: passes [[1,3],[1,2],null]
return JSON.stringify(/(a)b|(c)/d.exec("xab").indices);
