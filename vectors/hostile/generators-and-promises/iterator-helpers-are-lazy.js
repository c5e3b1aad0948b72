// A chain over an endless source takes as many as are wanted.
// expect: passes 0,4,16
return (function* () { for (let i = 0; ; i++) yield i; })().filter((n) => n % 2 === 0).map((n) => n * n).take(3).toArray().join();
