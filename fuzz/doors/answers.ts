import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import {
  type Clock,
  concatBytes,
  contentHashToBytes,
  hashContent,
  networks,
  parseUuid,
  scopeAddress,
  scopeSpecificationAddress,
  utf8Encode,
} from "@p8e/core";
import { accountAddress, generatePrivateKey, localKey, sealBytes } from "@p8e/crypto";
import { parseContainer, rewriteSignatures } from "@p8e/envelope";
import { ObjectClient } from "@p8e/object-client";
import * as cosmos from "@p8e/proto/cosmos";
import * as mailbox from "@p8e/proto/mailbox";
import * as metadata from "@p8e/proto/metadata";
import * as objectStore from "@p8e/proto/object-store";
import { NodeEndpoint } from "../../packages/chain/src/endpoint/endpoint.ts";
import { probeNode } from "../../packages/chain/src/endpoint/endpoint-probe.ts";
import { AccountQueries } from "../../packages/chain/src/queries/accounts.ts";
import { MetadataQueries } from "../../packages/chain/src/queries/metadata-queries.ts";
import { AnsweringServer } from "../answering-server.ts";
import type { Door } from "../door.ts";
import { messageBytes } from "../grammar.ts";
import type { Random } from "../random.ts";

const BYTES_MAX = 1024 * 1024;
const TIMEOUT_MS = 10_000;
const WAKES = 3;
const PAGES = 3;

/** A call of a client's, and the messages that honest answers to it are. */
interface Question {
  readonly answer: DescMessage;
  readonly seeds?: readonly (readonly Uint8Array[])[];
  ask(signal: AbortSignal): Promise<unknown>;
}

/** Waits for nobody: what is tried again is tried at once. */
const clock: Clock = { now: Date.now, sleep: async () => undefined };
const random = (length: number) => new Uint8Array(length).fill(3);
const key = localKey(generatePrivateKey((length) => new Uint8Array(length).fill(7)));
const content = utf8Encode("a document");
const hash = hashContent(content);
const uuid = parseUuid("00000000-0000-4000-8000-000000000001");

/**
 * What clients are answered by a store, their own or one that passes mail on, and by a node. The first byte of an input
 * chooses what is asked, the second how the answer ends; what follows is the answer as it comes over the connection.
 */
export async function openDoor(): Promise<Door> {
  const server = new AnsweringServer();
  const url = `grpc://127.0.0.1:${await server.listen()}`;
  const store = new ObjectClient({ url, patienceMs: 0, stalledMs: TIMEOUT_MS, clock, random });
  const node = new NodeEndpoint({ url, timeoutMs: TIMEOUT_MS, clock, random });
  const questions = [...(await askedOfStores(store)), ...askedOfNodes(node)];
  return {
    seeds: questions.flatMap(({ seeds = [[new Uint8Array()]] }, index) =>
      seeds.map((messages) => concatBytes(Uint8Array.of(index, 0), ...messages.map(framed))),
    ),
    bytesMax: BYTES_MAX,
    generate: (by) => answerTo(by, questions),
    async run(input) {
      const [which = 0, end = 0] = input;
      const isError = end % 4 === 3;
      // What is said in words must be words, or the server's own library would refuse to send it.
      const says = isError
        ? Buffer.from(input.subarray(2, 300))
            .toString("latin1")
            .replace(/[^ -~]/g, "%")
        : "";
      server.answer = { body: input.subarray(isError ? input.length : 2), status: isError ? end >> 2 : 0, says };
      const stop = AbortSignal.timeout(2 * TIMEOUT_MS);
      await questions[which % questions.length]!.ask(stop);
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function askedOfStores(store: ObjectClient): Promise<readonly Question[]> {
  const sealed = await sealBytes({ source: content, owner: key.publicKey, audience: [], signer: key });
  const { header, payload, seal } = sealed;
  const entry = { signature: seal.signature, publicKey: utf8Encode(seal.signer.pem) };
  const container = concatBytes(rewriteSignatures(parseContainer(header).header, entry), payload);
  const chunk = (impl: object) =>
    toBinary(objectStore.ChunkBidiSchema, create(objectStore.ChunkBidiSchema, { impl } as never));
  const got = [
    chunk({ case: "multiStreamHeader", value: { streamCount: 1 } }),
    chunk({ case: "chunk", value: { header: { name: "DIME" }, impl: { case: "data", value: container } } }),
    chunk({ case: "chunk", value: { impl: { case: "end", value: {} } } }),
  ];
  const letter = toBinary(
    objectStore.MailPayloadSchema,
    create(objectStore.MailPayloadSchema, { uuid: { value: uuid }, data: container }),
  );
  const stored = toBinary(
    objectStore.ObjectResponseSchema,
    create(objectStore.ObjectResponseSchema, { hash: contentHashToBytes(hash), name: "x", uuid: { value: uuid } }),
  );
  return [
    {
      answer: objectStore.ChunkBidiSchema,
      seeds: [got],
      ask: (signal) => store.getBytes(hash, { key, signal }),
    },
    { answer: objectStore.MailPayloadSchema, seeds: [[letter, letter]], ask: (signal) => store.mail(key, { signal }) },
    {
      answer: mailbox.WakeSchema,
      seeds: [[new Uint8Array(), new Uint8Array()]],
      async ask(signal) {
        let wakes = 0;
        for await (const wake of store.watchMail(key.publicKey, { signal })) {
          wake.found();
          if (++wakes === WAKES) break;
        }
      },
    },
    {
      answer: objectStore.ObjectResponseSchema,
      seeds: [[stored]],
      ask: (signal) => store.put(content, { owner: key.publicKey, signer: key, signal }),
    },
    {
      answer: objectStore.PublicKeyResponseSchema,
      ask: (signal) => store.registerKey(key.publicKey, { url: "grpc://127.0.0.1:1", signal }),
    },
    {
      answer: objectStore.ChunkBidiSchema,
      seeds: [got],
      ask: (signal) => store.holds(hash, [key.publicKey], { signal }),
    },
  ];
}

function askedOfNodes(node: NodeEndpoint): readonly Question[] {
  const queries = new MetadataQueries(node);
  const accounts = new AccountQueries(node);
  const { accountPrefix, chainId } = networks.local;
  const account = accountAddress(key.publicKey, accountPrefix);
  return [
    {
      answer: metadata.ScopeResponseSchema,
      ask: (signal) => queries.scope(scopeAddress(uuid), { sessions: true, records: true, signal }),
    },
    {
      answer: metadata.ScopeSpecificationResponseSchema,
      ask: (signal) => queries.scopeSpecification(scopeSpecificationAddress(uuid), { signal }),
    },
    { answer: metadata.GetByAddrResponseSchema, ask: (signal) => queries.byAddress([scopeAddress(uuid)], { signal }) },
    {
      answer: metadata.OwnershipResponseSchema,
      async ask(signal) {
        let found = 0;
        // A page has five hundred.
        for await (const _ of queries.scopesOf(account, { signal })) if (++found > PAGES * 500) break;
      },
    },
    { answer: cosmos.auth.QueryAccountResponseSchema, ask: (signal) => accounts.account(account, { signal }) },
    {
      answer: cosmos.tendermint.GetNodeInfoResponseSchema,
      ask: (signal) => probeNode(node, { chainId, accountPrefix }, { signal }),
    },
  ];
}

function framed(message: Uint8Array): Uint8Array {
  const head = new Uint8Array(5);
  new DataView(head.buffer).setUint32(1, message.length);
  return concatBytes(head, message);
}

function answerTo(random: Random, questions: readonly Question[]): Uint8Array {
  const index = random.below(questions.length);
  const { answer, seeds = [] } = questions[index]!;
  const honest = random.oneIn(2) ? [] : (seeds[0] ?? []);
  const more = Array.from({ length: random.size(4) }, () => messageBytes(random, answer, { bytesMax: BYTES_MAX / 4 }));
  const messages = [...honest, ...more].map(framed);
  return concatBytes(Uint8Array.of(index, random.oneIn(10) ? random.below(256) : 0), ...messages);
}
