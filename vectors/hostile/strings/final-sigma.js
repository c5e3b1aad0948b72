// The sigma at the end of a word has a form of its own.
// expect: passes ὀδυσσεύς σ
return `${"ὈΔΥΣΣΕΎΣ".toLowerCase()} ${"Σ".toLowerCase()}`;
