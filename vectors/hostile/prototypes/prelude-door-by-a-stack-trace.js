// The function through which the host asks cannot be got hold of by a hook on an error.
// expect: passes none
const found = [];
Reflect.set(Error, "prepareStackTrace", (error, sites) => { for (const site of sites) found.push(String(site.getFunction?.())); });
void new Error("look around").stack;
return found.find((text) => text.startsWith("(operation")) ?? "none";
