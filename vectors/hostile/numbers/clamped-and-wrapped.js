// Each kind of array has its own way with what does not fit.
// expect: passes 255 0 2 44 -1
return [...Uint8ClampedArray.of(300, -5, 2.5), ...Uint8Array.of(300), ...Int8Array.of(255)].join(" ");
