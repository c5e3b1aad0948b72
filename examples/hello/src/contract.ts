import { defineContract, defineScopeSpecification, refuse } from "@p8e/contract";
import { GreetingSchema, PersonSchema } from "./gen/example/hello/v1/hello_pb.ts";

/** The kind of scope that greetings are written on. */
export const scopeSpecification = defineScopeSpecification({
  name: "example.hello",
  description: "A greeting",
  parties: ["OWNER"],
});

/** Greets a person by name. */
export default defineContract({
  className: "example.hello.Greet",
  scopes: ["example.hello"],
  participants: ["OWNER"],
}).fn(
  "greet",
  { invokedBy: "OWNER", inputs: { person: PersonSchema }, writes: "greeting", as: GreetingSchema },
  ({ inputs }) => {
    const { name } = inputs.person;
    if (name.trim() === "") {
      refuse({ rule: "name-given", field: "person.name", message: "nobody can be greeted without a name" });
    }
    return { text: `Hello, ${name}` };
  },
);
