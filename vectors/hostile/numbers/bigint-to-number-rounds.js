// Half goes to even, at the edge to infinity.
// expect: passes 9007199254740992 9007199254740996 Infinity
return `${Number(2n ** 53n + 1n)} ${Number(2n ** 53n + 3n)} ${Number(2n ** 1024n)}`;
