// The first of none is never.
// expect: passes [object Promise]
return Promise.race([]);
