// The official conformance suite of Protocol Buffers, binary and JSON, required and recommended cases, editions up to 2023,
// against the reading of what strangers send. What is expected to fail stands with its reason in expected-failures.txt;
// the runner also fails where one of those does not.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { optionalPeer } from "../../jvm/maven.ts";
import { conformanceRunner } from "../conformance/runner.ts";

const folder = join(import.meta.dirname, "../conformance");

const runner = await optionalPeer("the conformance suite of Protocol Buffers", conformanceRunner);
if (runner !== undefined) {
  describe("the conformance suite of Protocol Buffers", { timeout: 600_000 }, () => {
    it("fails in no case but those that are expected to", () => {
      const written = mkdtempSync(join(tmpdir(), "p8e-conformance-"));
      try {
        const [program, ...args] = runner.command;
        const options = ["--enforce_recommended", "--maximum_edition", "2023", "--output_dir", written];
        const failures = ["--failure_list", join(folder, "expected-failures.txt")];
        const testee = [process.execPath, join(folder, "testee.ts"), runner.typesFile];
        const done = spawnSync(program, [...args, ...options, ...failures, ...testee], {
          encoding: "utf8",
          maxBuffer: 64 * 1024 * 1024,
        });
        const suites = done.stderr.match(/^CONFORMANCE SUITE .*$/gm) ?? [];
        assert.equal(done.status, 0, `${done.error?.message ?? ""}\n${done.stderr.slice(-20_000)}`);
        // The second is of the text format, which p8e does not read; what is skipped of the first asks for unknown fields
        // to be left out of JSON, which p8e always refuses.
        assert.deepEqual(suites, [
          "CONFORMANCE SUITE PASSED: 5521 successes, 44 skipped, 2 expected failures, 0 unexpected failures.",
          "CONFORMANCE SUITE PASSED: 0 successes, 883 skipped, 0 expected failures, 0 unexpected failures.",
        ]);
      } finally {
        rmSync(written, { recursive: true, force: true });
      }
    });
  });
}
