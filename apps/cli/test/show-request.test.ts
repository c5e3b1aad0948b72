import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { showRequest } from "../src/screens/show-request.ts";
import { textWidth } from "../src/terminal/layout.ts";
import { Screen } from "../src/terminal/screen.ts";
import { named, request } from "./support/views.ts";

describe("a request, as it is shown before signing", () => {
  for (const columns of [80, 40]) {
    it(`fits ${columns} columns and says everything that matters`, () => {
      let [out, err] = ["", ""];
      const screen = new Screen({
        stdout: { write: (text) => (out += text), isTTY: true, columns },
        stderr: { write: (text) => (err += text), isTTY: true, columns },
        ...{ json: false, color: false, nowMs: Date.now },
      });
      showRequest(screen, request, named);
      for (const line of `${out}${err}`.split("\n")) {
        // A hash or an id stays whole, to be copied, and may run over.
        const value = line
          .trim()
          .split(/\s{2,}/)
          .at(-1)!;
        assert.ok(textWidth(line) <= columns || !value.includes(" "), line);
      }
      const flat = `${out}${err}`.replace(/[\s│─┼├┤┌┐└┘┬┴]+/g, " ");
      for (const words of [
        "asked by Lender",
        // In narrow columns a table breaks between words.
        ...(columns === 80 ? ["Warehouse bank (you)", "has a say in the scope"] : ["Warehouse", "has a say"]),
        ...(columns === 80 ? ['"Hello, Ada"', '"Hello, Grace"'] : ['Ada"', 'Grace"']),
        "7 more differences",
        "as it is now",
        "cannot be read here: object.not_found",
        "late was not run: input absent: date",
        "Lender may write 3 MsgWriteSessionRequest messages on any scope of yours until",
        "any may",
      ]) {
        assert.ok(flat.includes(words), `${words}\n${out}${err}`);
      }
    });
  }
});
