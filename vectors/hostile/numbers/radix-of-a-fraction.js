// A fraction in another base.
// expect: passes 0.1 0.1 -ff.8 zz
return [0.5.toString(2), (1 / 3).toString(3).slice(0, 3), (-255.5).toString(16), (35 * 37).toString(36)].join(" ");
