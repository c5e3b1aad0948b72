// A symbol is described, for that is what String makes of it.
// expect: passes Symbol(x)
return new TextDecoder().decode(new TextEncoder().encode(Symbol("x")));
