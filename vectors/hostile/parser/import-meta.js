// What a module knows of itself names no place of the machine.
// expect: passes 
return Object.keys(import.meta).filter((key) => String(import.meta[key]).includes("/")).join();
