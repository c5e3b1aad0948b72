// A capability is filled once.
// expect: contract.failed TypeError
Promise.resolve.call(function (executor) { executor(() => 1, () => 1); executor(() => 2, () => 2); }, 1);
