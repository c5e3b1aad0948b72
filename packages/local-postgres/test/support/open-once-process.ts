/** Opens the embedded PostgreSQL of a folder, prints what it answers, and closes it. */
import { openLocalPostgres } from "@p8e/local-postgres";
import pg from "pg";

await using postgres = await openLocalPostgres({ dataDir: process.argv[2]! });
await postgres.createDatabase("kept", "kept", "secret");
const client = new pg.Client({
  host: postgres.host,
  port: postgres.port,
  user: "kept",
  password: "secret",
  database: "kept",
});
await client.connect();
process.stdout.write(`${(await client.query("SELECT 1 AS one")).rows[0].one}\n`);
await client.end();
