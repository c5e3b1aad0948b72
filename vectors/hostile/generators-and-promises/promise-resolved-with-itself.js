// A promise cannot wait for itself; it is rejected, unseen.
// expect: passes quiet
const { promise, resolve } = Promise.withResolvers();
resolve(promise);
return "quiet";
