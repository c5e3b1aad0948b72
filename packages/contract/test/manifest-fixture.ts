import type { ContractManifest } from "@p8e/contract";
import { hashContent, utf8Encode } from "@p8e/core";
import { parseJavaClassName } from "@p8e/proto/java-class-name";

const type = (name: string) => ({
  typeName: `google.protobuf.${name}`,
  className: parseJavaClassName(`com.google.protobuf.${name}`),
});

export const bundleHash = hashContent(utf8Encode("a bundle"));
export const typesHash = hashContent(utf8Encode("its types"));

/** As `describedContract` would make it; the hashes are of other bytes, so that they never change. */
export const manifest: ContractManifest = {
  format: 1,
  abi: 2,
  className: "example.loan.UpdateServicing",
  scopes: ["example.loan"],
  participants: ["OWNER", "SERVICER"],
  records: [
    { name: "terms", ...type("StringValue"), optional: false },
    { name: "history", ...type("Struct"), optional: true },
  ],
  functions: [
    { name: "Rate", invokedBy: "SERVICER", inputs: [], writes: { name: "rate", ...type("DoubleValue") }, lineage: [] },
    {
      name: "appendEvent",
      invokedBy: "SERVICER",
      inputs: [{ name: "event", ...type("StringValue") }],
      writes: { name: "history", ...type("Struct") },
      lineage: ["terms"],
    },
  ],
  bundle: { hash: bundleHash, sizeBytes: 8 },
  types: { hash: typesHash, sizeBytes: 9 },
  warnings: [],
};
