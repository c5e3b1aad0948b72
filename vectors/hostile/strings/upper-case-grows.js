// A small letter may have three large ones.
// expect: passes SS FFI 2 İ
return `${"ß".toUpperCase()} ${"ﬃ".toUpperCase()} ${"İ".toLowerCase().length} ${"i\u0307".normalize("NFC") === "i̇" ? "İ" : "?"}`;
