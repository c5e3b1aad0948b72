// The position is asked first, the value second, and only then is anything compared.
// expect: passes position,value,RangeError
const asked = [];
try {
  new DataView(new ArrayBuffer(1)).setInt8({ valueOf() { asked.push("position"); return 9; } }, { valueOf() { asked.push("value"); return 1; } });
} catch (error) { asked.push(error.name); }
return asked.join();
