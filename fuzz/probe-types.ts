import { readFileSync } from "node:fs";
import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** The types on which readers of protobuf are compared: they have every kind of field. */
export const probeTypes: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(new URL("../interop/protobuf/types.binpb", import.meta.url))),
);

/** `probe.v1.P`. */
export const probe: DescMessage = probeTypes.getMessage("probe.v1.P")!;
/** `probe.v1.Legacy`, of proto2. */
export const legacy: DescMessage = probeTypes.getMessage("probe.v1.Legacy")!;
