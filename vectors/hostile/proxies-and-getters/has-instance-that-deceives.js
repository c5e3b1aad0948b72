// A function of one's own decides what its instances are.
// expect: passes true
return 1 instanceof { [Symbol.hasInstance]: () => true };
