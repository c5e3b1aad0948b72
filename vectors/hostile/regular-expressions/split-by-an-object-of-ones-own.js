// An object may split by itself; what it gives is not trusted.
// expect: passes mine
return "text".split({ [Symbol.split]: () => "mine" });
