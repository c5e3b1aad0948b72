// What eval declares stays inside of it.
// expect: passes undefined
eval("var declared = 1");
return typeof declared;
