// A party's object store as a child process of the environment.
import { serveAsChild } from "@p8e/machine";
import { serveStore } from "./serve-store.ts";

await serveAsChild(() => serveStore(process.env));
