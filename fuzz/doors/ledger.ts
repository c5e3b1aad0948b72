import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type DescMessage, type DescMethod, type DescService, toBinary } from "@bufbuild/protobuf";
import { concatBytes, networks, systemClock } from "@p8e/core";
import { openLedger, serveLedger } from "@p8e/ledger";
import * as cosmos from "@p8e/proto/cosmos";
import * as fees from "@p8e/proto/fees";
import * as metadata from "@p8e/proto/metadata";
import { RawClient } from "../call-server.ts";
import type { Door } from "../door.ts";
import { messageBytes } from "../grammar.ts";
import type { Random } from "../random.ts";

const BYTES_MAX = 512 * 1024;
const services: readonly DescService[] = [
  cosmos.tendermint.Service,
  cosmos.node.Service,
  cosmos.auth.Query,
  cosmos.bank.Query,
  cosmos.authz.Query,
  cosmos.feegrant.Query,
  cosmos.tx.Service,
  metadata.Query,
  fees.flat.Query,
  fees.perMessage.Query,
];
const methods: readonly DescMethod[] = services
  .flatMap((service) => service.methods)
  .filter(({ methodKind }) => methodKind === "unary");

/** What transactions say about scopes and their specifications. */
const messages: readonly DescMessage[] = metadata.file_provenance_metadata_v1_tx.messages.filter(({ name }) =>
  /^Msg\w+Request$/.test(name),
);

/** The ledger's services, as anybody calls them; the first byte chooses the method. */
export async function openDoor(): Promise<Door> {
  const folder = await mkdtemp(join(tmpdir(), "p8e-fuzz-ledger-"));
  const ledger = await openLedger({ dataDir: folder, ...networks.local, clock: systemClock, blockIntervalMs: 0 });
  const served = await serveLedger(ledger, { host: "127.0.0.1", port: 0 });
  const client = new RawClient(`http://127.0.0.1:${served.port}`);
  return {
    seeds: methods.map((_, index) => Uint8Array.of(index)),
    bytesMax: BYTES_MAX,
    generate: request,
    async run(input) {
      const { parent, name } = methods[(input[0] ?? 0) % methods.length]!;
      await client.call(`/${parent.typeName}/${name}`, [input.subarray(1)]);
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await served.close();
      await ledger[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function request(random: Random): Uint8Array {
  const index = random.below(methods.length);
  const { input, name } = methods[index]!;
  const takesBytes = /Simulate|BroadcastTx/.test(name);
  const bytes = takesBytes ? transaction(random) : messageBytes(random, input, { bytesMax: BYTES_MAX / 4 });
  return concatBytes(Uint8Array.of(index), bytes);
}

/** A transaction of messages of the ledger's own types. */
function transaction(random: Random): Uint8Array {
  const schema = random.pick(messages);
  const bodyBytes = toBinary(
    cosmos.tx.TxBodySchema,
    create(cosmos.tx.TxBodySchema, {
      messages: [{ typeUrl: `/${schema.typeName}`, value: messageBytes(random, schema, { bytesMax: 20_000 }) }],
    }),
  );
  const authInfoBytes = messageBytes(random, cosmos.tx.AuthInfoSchema, { bytesMax: 2000 });
  const raw = create(cosmos.tx.TxRawSchema, { bodyBytes, authInfoBytes, signatures: [random.bytes(64)] });
  const txBytes = toBinary(cosmos.tx.TxRawSchema, raw);
  return toBinary(cosmos.tx.BroadcastTxRequestSchema, create(cosmos.tx.BroadcastTxRequestSchema, { txBytes, mode: 2 }));
}
