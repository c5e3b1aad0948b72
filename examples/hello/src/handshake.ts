import { defineContract, defineScopeSpecification, refuse } from "@p8e/contract";
import { GreetingSchema, PersonSchema } from "./gen/example/hello/v1/hello_pb.ts";

/** What the scopes are that it writes to. */
export const scopeSpecification = defineScopeSpecification({
  name: "example.handshake",
  description: "A greeting that two parties sign",
  parties: ["OWNER", "SERVICER"],
});

/** Each party runs it itself, and both sign what it says. */
export default defineContract({
  className: "example.hello.Handshake",
  scopes: [scopeSpecification.name],
  participants: ["OWNER", "SERVICER"],
}).fn(
  "shakeHands",
  { invokedBy: "OWNER", inputs: { person: PersonSchema }, writes: "handshake", as: GreetingSchema },
  ({ inputs }) => {
    const { name } = inputs.person;
    if (name.trim() === "") {
      refuse({ rule: "name-given", field: "person.name", message: "nobody shakes hands without a name" });
    }
    return { text: `Shook hands with ${name}` };
  },
);
