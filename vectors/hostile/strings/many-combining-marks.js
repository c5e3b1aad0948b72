// Marks on one letter are put in order in the time that sorting takes.
// expect: passes 1001
let marks = "a";
for (let i = 0; i < 500; i++) marks += "\u0301\u0323";
return marks.normalize("NFD").length;
