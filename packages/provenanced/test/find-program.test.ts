import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, describe, it } from "node:test";
import type { P8eError } from "@p8e/core";
import { findNodeProgram, PROGRAM_VARIABLE, RELEASE_PAGE } from "@p8e/provenanced";

describe("the program of a Provenance node", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "p8e-find-")));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A program that answers `version` as the real one does: with a line. */
  function program(place: string, version: string, exit = 0): string {
    mkdirSync(join(folder, place), { recursive: true });
    const path = join(folder, place, "provenanced");
    writeFileSync(path, `#!/bin/sh\necho ${version}\nexit ${exit}\n`);
    chmodSync(path, 0o755);
    return path;
  }
  const refused = (variables: Record<string, string>, words: RegExp) =>
    assert.rejects(findNodeProgram(variables), (error: P8eError) => {
      assert.equal(error.code, "environment.unsupported");
      assert.match(error.message, words);
      assert.equal(error.facts.variable, PROGRAM_VARIABLE);
      assert.ok(error.hint?.includes(PROGRAM_VARIABLE) && error.hint.includes(RELEASE_PAGE));
      return true;
    });

  it("is the one that the variable names, before those of the search path", async () => {
    const named = program("named", "v1.30.0");
    program("path", "v1.28.1");
    const PATH = ["", join(folder, "nothing"), join(folder, "path")].join(delimiter);
    assert.deepEqual(await findNodeProgram({ PATH, [PROGRAM_VARIABLE]: named }), {
      program: named,
      version: "v1.30.0",
    });
    assert.equal((await findNodeProgram({ PATH, [PROGRAM_VARIABLE]: "" })).version, "v1.28.1");
  });

  it("is the file behind a symbolic link, beside which its libraries lie", async () => {
    const real = program("libraries", "v1.26.0");
    mkdirSync(join(folder, "bin"));
    symlinkSync(real, join(folder, "bin", "provenanced"));
    assert.equal((await findNodeProgram({ PATH: join(folder, "bin") })).program, real);
  });

  it("is missed with the name of the release page and of the variable", async () => {
    await refused({ PATH: join(folder, "nothing") }, /none is on the search path/);
    await refused({ [PROGRAM_VARIABLE]: join(folder, "gone") }, /P8E_PROVENANCED names .*gone, which is no program/);
  });

  it("is refused when it is older than v1.26, says no version, or does not run", async () => {
    for (const version of ["v1.25.9", "v0.30.0", "main-0abcdef"]) {
      const named = program(version, version);
      await refused({ [PROGRAM_VARIABLE]: named }, new RegExp(`"${version}"; v1.26 or later is needed`));
    }
    await refused({ [PROGRAM_VARIABLE]: program("broken", "v1.30.0", 1) }, /cannot be run/);
  });
});
