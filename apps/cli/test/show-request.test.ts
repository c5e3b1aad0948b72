import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AccountAddress, ContentHash } from "@p8e/core";
import type { RequestView } from "@p8e/sdk";
import { showRequest } from "../src/support/show-request.ts";
import { textWidth } from "../src/terminal/layout.ts";
import { Screen } from "../src/terminal/screen.ts";

const lender = "tp1lender" as AccountAddress;
const bank = "tp1bank" as AccountAddress;
const hash = "NUwYKt8evqCXAKZqQ4g6UXFdrGxZE8Jq9kXvSnpgYmY=" as ContentHash;
const named = (address: string) => ({ tp1lender: "Lender", tp1bank: "Warehouse bank" })[address] ?? address;

const view: RequestView = {
  ...{ execution: "8b6c2e0e-0000-4000-8000-000000000001", state: "inspected", invoker: lender },
  deadline: "2027-01-01T00:00:00.000Z",
  scope: { address: "scope1qabc", isNew: false, specification: "scopespec1qabc" },
  session: "session1qabc",
  contract: {
    ...{ className: "example.hello.Greet", hash, address: "contractspec1qabc" },
    ...{ publishers: [lender], publishersNamed: false },
  },
  signers: [
    { address: lender, roles: ["OWNER"], invoker: true, self: false, signed: true },
    { address: bank, roles: ["SERVICER", "INVESTOR"], invoker: false, self: true, signed: false },
    { address: "tp1former" as AccountAddress, roles: [], invoker: false, self: false, signed: false },
  ],
  inputs: [
    {
      ...{ name: "person", from: "proposal", type: "example.hello.v1.Person", hash },
      fields: { shown: [{ path: "name", value: '"Grace Brewster Murray Hopper, rear admiral"' }], left: 0 },
    },
  ],
  outputs: [
    {
      ...{ record: "greeting", function: "greet", type: "example.hello.v1.Greeting", hash },
      change: {
        ...{ kind: "changed", before: hash },
        differences: { shown: [{ path: "text", before: '"Hello, Ada"', after: '"Hello, Grace"' }], left: 7 },
      },
    },
    { ...{ record: "kept", function: "keep", type: "example.hello.v1.Greeting", hash }, change: { kind: "same" } },
    {
      ...{ record: "other", function: "other", type: "example.hello.v1.Greeting", hash },
      change: { kind: "unreadable", before: hash, why: "object.not_found", fields: { shown: [], left: 0 } },
    },
  ],
  skipped: [{ function: "late", why: "input absent: date" }],
  newReaders: [],
  leave: [{ message: "/provenance.metadata.v1.MsgWriteSessionRequest", count: 3, until: "2027-01-01T00:00:00.000Z" }],
  leaveText: [
    "tp1lender may write 3 MsgWriteSessionRequest messages on any scope of yours until 2027-01-01T00:00:00.000Z",
  ],
  fee: 5n,
};

describe("a request, as it is shown before signing", () => {
  for (const columns of [80, 40]) {
    it(`fits ${columns} columns and says everything that matters`, () => {
      let [out, err] = ["", ""];
      const screen = new Screen({
        stdout: { write: (text) => (out += text), isTTY: true, columns },
        stderr: { write: (text) => (err += text), isTTY: true, columns },
        ...{ json: false, color: false, nowMs: Date.now },
      });
      showRequest(screen, view, named);
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
