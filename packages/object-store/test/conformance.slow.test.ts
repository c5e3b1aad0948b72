import { objectStoreConformance } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

objectStoreConformance("ours", new LocalHarness());
