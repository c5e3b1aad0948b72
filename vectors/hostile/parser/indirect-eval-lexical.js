// A lexical declaration of an indirect evaluation ends with it.
// expect: passes undefined
(0, eval)("let declared = 1");
return typeof declared;
