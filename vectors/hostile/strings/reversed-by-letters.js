// Turning a text around by its letters keeps pairs together.
// expect: passes ❤😀a
return [..."a😀❤"].reverse().join("");
