import { fileURLToPath } from "node:url";

export { default as greet, scopeSpecification } from "./contract.ts";
export { type Greeting, GreetingSchema, type Person, PersonSchema } from "./gen/example/hello/v1/hello_pb.ts";

/** The file to build: the source, which a package carries too. */
export const contractEntry: string = fileURLToPath(new URL("../src/contract.ts", import.meta.url));
