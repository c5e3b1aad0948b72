import { defineContract, optional, refuse } from "@p8e/contract";
import { GreetingSchema, PersonSchema } from "../../../../../examples/hello/src/gen/example/hello/v1/hello_pb.ts";

/** Agreed on by OWNER, SERVICER, VALIDATOR. */
export default defineContract({
  className: "test.agree.Three",
  scopes: ["test.agree"],
  participants: ["OWNER", "SERVICER", "VALIDATOR"],
  records: { greeting: optional(GreetingSchema) },
}).fn(
  "greet",
  { invokedBy: "OWNER", inputs: { person: PersonSchema }, writes: "greeting", as: GreetingSchema },
  ({ inputs, records }) => {
    if (inputs.person.name === "") {
      refuse({ rule: "name-given", field: "person.name", message: "nobody can be greeted without a name" });
    }
    return { text: `${records.greeting?.text ?? "Hello"}, ${inputs.person.name}` };
  },
);
