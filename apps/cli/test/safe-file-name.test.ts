import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { safeFileName } from "../src/support/safe-file-name.ts";

describe("a name that somebody else chose", () => {
  for (const [said, name] of [
    ["loan.pdf", "loan.pdf"],
    ["Grundstück – 契約.csv", "Grundstück – 契約.csv"],
    ["/etc/passwd", "passwd"],
    ["..\\..\\windows\\win.ini", "win.ini"],
    ["C:\\deed.pdf", "deed.pdf"],
    ["deed.pdf:hidden", "deed.pdf_hidden"],
    [".bashrc", "bashrc"],
    ["  .. .profile ", "profile"],
    ["deed.pdf. . ", "deed.pdf"],
    ["de\u0000e\u001b[2Jd\n.pdf", "dee[2Jd.pdf"],
    ["fdp\u202e.exe", "fdp.exe"],
    ['what?<"now">|*', "what___now____"],
    ["console.txt", "console.txt"],
    ["com10", "com10"],
  ] as const) {
    it(`${JSON.stringify(said)} makes ${JSON.stringify(name)}`, () => assert.equal(safeFileName(said), name));
  }

  for (const said of [
    "",
    ".",
    "..",
    "/",
    "a/",
    "\u0000",
    " . ",
    "con",
    "NUL.txt",
    "Com1.pdf",
    "lpt9 .x",
    "aux .tar.gz",
    "COM¹",
    "conin$",
  ]) {
    it(`${JSON.stringify(said)} makes none`, () => assert.equal(safeFileName(said), undefined));
  }

  it("is cut to 200 bytes at the end of a character, and keeps its extension", () => {
    const name = safeFileName(`${"ü".repeat(300)}.pdf`)!;
    assert.ok(Buffer.byteLength(name) <= 200 && Buffer.byteLength(name) > 190);
    assert.match(name, /^ü+\.pdf$/);
    assert.equal(safeFileName(`a.${"b".repeat(300)}`), `a.${"b".repeat(198)}`);
  });

  it("names a file of this folder, whatever it was, and stays when it is taken once more", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme", maxLength: 400 })), (said) => {
        const name = safeFileName(said);
        if (name === undefined) return;
        assert.ok(Buffer.byteLength(name) <= 200);
        assert.doesNotMatch(name, /[/\\<>:"|?*\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^[.\s]|[.\s]$/u);
        assert.equal(safeFileName(name), name);
      }),
    );
  });
});
