/** Opens the embedded PostgreSQL of a folder, prints its process id and port, and stays until it is killed, or told to exit. */
import { openLocalPostgres } from "@p8e/local-postgres";

const postgres = await openLocalPostgres({ dataDir: process.argv[2]! });
await postgres.createDatabase("kept", "kept", "secret");
process.stdout.write(`${postgres.pid} ${postgres.port}\n`);
process.stdin.once("data", () => process.exit(7));
setInterval(() => {}, 1000);
