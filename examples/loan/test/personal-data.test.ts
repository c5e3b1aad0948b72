import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";
import { type DescMessage, getOption, hasOption } from "@bufbuild/protobuf";
import { pii } from "../src/gen/tech/figure/util/v1beta1/options_pb.ts";

it("the list of personal data names every field that the types mark, and nothing that they do not have", async () => {
  const folder = new URL("../src/gen/", import.meta.url);
  const names = new Set<string>();
  const marked: string[] = [];
  for (const file of readdirSync(folder, { recursive: true }) as string[]) {
    if (!file.endsWith("_pb.ts")) continue;
    const loaded = (await import(new URL(file, folder).href)) as Record<string, unknown>;
    for (const value of Object.values(loaded)) {
      const message = value as DescMessage;
      if (message?.kind !== "message") continue;
      names.add(message.typeName);
      for (const field of message.fields) {
        names.add(`${message.typeName}.${field.name}`);
        if (hasOption(field, pii) && getOption(field, pii)) marked.push(`${message.typeName}.${field.name}`);
      }
    }
  }
  const text = readFileSync(new URL("../index.json", import.meta.url), "utf8");
  const { personalData } = JSON.parse(text) as { personalData: readonly string[] };
  const listed = new Set(personalData);
  assert.ok(marked.length > 20);
  assert.deepEqual(
    marked.filter((field) => !listed.has(field) && !listed.has(field.slice(0, field.lastIndexOf(".")))),
    [],
  );
  assert.deepEqual(
    personalData.filter((name) => !names.has(name)),
    [],
  );
});
