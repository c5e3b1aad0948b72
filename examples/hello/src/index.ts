import { fileURLToPath } from "node:url";
import { defineScopeSpecification } from "@p8e/contract";

export { default as greet } from "./contract.ts";
export { type Greeting, GreetingSchema, type Person, PersonSchema } from "./gen/example/hello/v1/hello_pb.ts";

/** The file to build. */
export const contractEntry: string = fileURLToPath(new URL("contract.ts", import.meta.url));

export const scopeSpecification = defineScopeSpecification({
  name: "example.hello",
  description: "A greeting",
  parties: ["OWNER"],
});
