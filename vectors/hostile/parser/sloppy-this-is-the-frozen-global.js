// The global object that sloppy functions get can be read and not written.
// expect: passes true
const world = new Function("return this")();
return world === globalThis && Object.isFrozen(world);
