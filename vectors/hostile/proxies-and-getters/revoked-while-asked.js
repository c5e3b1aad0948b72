// A trap that revokes its own proxy while it is asked.
// expect: passes 1
const made = Proxy.revocable({ a: 1 }, { get(target, key) { made.revoke(); return target[key]; } });
return made.proxy.a;
