// Whatever can be reached from the global object by properties and prototypes.
// expect: passes 
const seen = new Set(), open = [[globalThis, "globalThis"]], loose = [];
while (open.length > 0) {
  const [o, path] = open.pop();
  if (Object(o) !== o || seen.has(o)) continue;
  seen.add(o);
  if (!Object.isFrozen(o)) loose.push(path);
  open.push([Object.getPrototypeOf(o), `${path}.__proto__`]);
  for (const key of Reflect.ownKeys(o)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(o, key);
    for (const part of [value, get, set]) open.push([part, `${path}.${String(key)}`]);
  }
}
return loose.join();
