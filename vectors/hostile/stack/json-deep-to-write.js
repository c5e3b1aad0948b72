// JSON of what is nested some thousand times.
// expect: passes 18002
let deep = {};
for (let i = 0; i < 2000; i++) deep = { deep };
return JSON.stringify(deep).length;
