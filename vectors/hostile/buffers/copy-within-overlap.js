// Bytes are moved as if all were read first, both ways.
// expect: passes 0,0,1,2,3 2,3,4,3,4
const up = Uint8Array.of(0, 1, 2, 3, 4), down = up.slice();
up.copyWithin(1, 0); down.copyWithin(0, 2);
return `${up.join()} ${down.join()}`;
