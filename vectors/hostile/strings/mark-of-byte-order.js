// The mark at the beginning goes, unless it is kept on purpose; a second one stays.
// expect: passes 1 2 3
const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61);
return [new TextDecoder().decode(bytes.subarray(3)).length, new TextDecoder().decode(bytes).length, new TextDecoder("utf8", { ignoreBOM: true }).decode(bytes).length].join(" ");
