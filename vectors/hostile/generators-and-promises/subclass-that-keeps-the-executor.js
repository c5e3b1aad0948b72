// A subclass may keep the means to resolve itself; nothing waits for it.
// expect: passes function
let kept;
class Leak extends Promise { constructor(executor) { super((resolve, reject) => { kept = resolve; executor(resolve, reject); }); } }
Leak.resolve(1);
return typeof kept;
