// A message whose fields are all at their defaults has no bytes.
// expect: passes bytes
// form: message
return new Uint8Array(0);
