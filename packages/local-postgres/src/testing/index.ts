export { prepareLocalPostgres } from "./prepared-postgres.ts";
