import type { ServerDatabase } from "@p8e/object-store";
import type { TestDatabase } from "@p8e/testkit";

export function serverDatabase(settings: TestDatabase): ServerDatabase {
  return {
    ...settings,
    poolSize: 4,
    tls: { mode: "prefer" },
    applicationName: "p8e-test",
    options: "",
  };
}
