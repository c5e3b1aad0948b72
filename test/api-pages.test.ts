// How a page of the reference comes from what the compiler declares.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { declarationFile } from "../scripts/api/declarations.ts";
import { docComment } from "../scripts/api/doc-comment.ts";
import { packagePage } from "../scripts/api/package-page.ts";

describe("a page of the reference", () => {
  it("shows what is declared, without what is private", () => {
    const { declared, passedOn } = declarationFile(`import type { A } from "./a.ts";
/** Not exported; it has a comment. */
interface Inner {
    readonly text: "};";
}
/** Doubles. */
export declare function twice(value: number): number;
export declare function twice(value: bigint, options?: {
    readonly signal?: AbortSignal | undefined;
}): bigint;
/**
 * How it ended.
 * @throws never
 */
export type Ending =
/** Well. */
"good"
 | "bad";
/** Has state. */
export declare class Counter {
    #private;
    private readonly left;
    /** Counts one. */
    count(): import("./inner.ts").Inner;
}
export declare const bare: number;
export { one, type Two as Three } from "./other.ts";
export * as all from "./gen/all_pb.ts";
`);
    assert.deepEqual(
      [...declared].map(([name, { text, comment }]) => [name, comment, text]),
      [
        [
          "twice",
          "Doubles.",
          "function twice(value: number): number;\n" +
            "function twice(value: bigint, options?: {\n  readonly signal?: AbortSignal | undefined;\n}): bigint;",
        ],
        ["Ending", "How it ended.\n@throws never", 'type Ending =\n  /** Well. */\n  "good"\n  | "bad";'],
        ["Counter", "Has state.", "class Counter {\n  /** Counts one. */\n  count(): Inner;\n}"],
        ["bare", undefined, "const bare: number;"],
      ],
    );
    assert.deepEqual(passedOn, [
      { name: "one", source: "one", from: "./other.ts" },
      { name: "Three", source: "Two", from: "./other.ts" },
      { name: "all", source: "*", from: "./gen/all_pb.ts" },
    ]);
  });

  it("tells what a caller gives, gets and may be thrown", () => {
    const comment = `Adds up, as {@link Sum.of} does,
in one pass.

@param values - what is added
@returns the sum,
  rounded
@throws P8eError \`input.invalid\` for none
@example
const sum = add([1, 2]);
print(sum);`;
    assert.equal(
      docComment(comment, (name) => `<${name}>`),
      `Adds up, as <Sum.of> does,
in one pass.

- \`values\`: what is added
- Returns the sum, rounded
- Throws P8eError \`input.invalid\` for none

\`\`\`ts
const sum = add([1, 2]);
print(sum);
\`\`\``,
    );
  });

  it("says of what is generated what from", () => {
    const comment = "@generated from message example.Person";
    assert.equal(docComment(comment, String), "- Made from the message `example.Person`");
  });

  it("leads from a name to its place, also where two are the same in small letters", () => {
    const page = packagePage({
      name: "@p8e/one",
      description: "One.",
      doors: [
        {
          name: "@p8e/one",
          wholes: [],
          offered: [
            { name: "Scopes", text: "class Scopes {}", comment: "See {@link scopes} and {@link Other}." },
            { name: "scopes", text: "function scopes(): Scopes;", comment: "Makes {@link Scopes.all}." },
          ],
        },
      ],
    });
    assert.match(page, /^\[Scopes\]\(#scopes\) · \[scopes\]\(#scopes-1\)$/m);
    assert.match(page, /^See \[`scopes`\]\(#scopes-1\) and `Other`\.$/m);
    assert.match(page, /^Makes \[`Scopes\.all`\]\(#scopes\)\.$/m);
  });
});
