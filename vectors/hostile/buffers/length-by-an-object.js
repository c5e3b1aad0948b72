// A length that is an object is asked for a number only where it has to be.
// expect: passes 0 0
return `${new Uint8Array({ length: 0 }).length} ${new Uint8Array({ valueOf: () => 5 }).length}`;
