// A party's object store as a child process of the environment.
import { serveAsChild } from "./serve-child.ts";
import { serveStore } from "./serve-store.ts";

await serveAsChild(() => serveStore(process.env));
