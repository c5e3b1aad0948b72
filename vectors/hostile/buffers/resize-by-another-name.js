// No prototype holds the method under another key.
// expect: passes 
return Reflect.ownKeys(ArrayBuffer.prototype).filter((key) => /resiz|transfer|detach|max/i.test(String(key))).join();
