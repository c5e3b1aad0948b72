// A tenth is none in two's powers.
// expect: passes 0.30000000000000004
return [0.1, 0.2].reduce((a, b) => a + b);
