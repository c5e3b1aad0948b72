// In a function made of text a with statement works, and its object wins over the global one.
// expect: passes 5
return new Function("o", "with (o) { return Array; }")({ Array: 5 });
