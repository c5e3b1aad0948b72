// A group may be named as a built-in property: its object has no prototype.
// expect: passes a true
const { groups } = /(?<__proto__>a)/.exec("a");
return `${groups.__proto__} ${Object.getPrototypeOf(groups) === null}`;
