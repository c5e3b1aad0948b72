/** A refusal that has a gRPC status of its own instead of a code of the chain. */
export class QueryRefusal extends Error {
  override readonly name = "QueryRefusal";
  readonly status: "NOT_FOUND" | "INVALID_ARGUMENT" | "INTERNAL" | "UNKNOWN";

  constructor(status: QueryRefusal["status"], message: string) {
    super(message);
    this.status = status;
  }
}
