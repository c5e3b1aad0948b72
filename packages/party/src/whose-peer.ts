import { basename, dirname, join } from "node:path";
import { type FactsOf, hasCode, isP8eError, P8eError } from "@p8e/core";
import { withPort } from "./node-target.ts";
import type { LocatedProfile } from "./profile/profile.ts";
import { ENVIRONMENT_FILE } from "./profile/profile-file.ts";

/** A peer that a profile names, in words for a person. */
interface NamedPeer {
  readonly kind: "store" | "node";
  /** "the store of Alice", "the node of the network local". */
  readonly name: string;
  readonly url: string;
  /** Where the profile says it: "store.url in /home/alice/p8e.json". */
  readonly said: string;
  /** What to do when it does not answer. */
  readonly whenDown: string;
  /** Where the profile names its authority, and the certificate that it may want to see. */
  readonly authority: string;
  readonly certificate: string;
}

const NODE_PREFIX = "the node: ";

/** What was said otherwise than in the profile, by the name of the option that said it. */
export interface SaidElsewhere {
  readonly node?: string | undefined;
}

/**
 * An error of a call, told with whose server it was and what to do about it there: calls know only an address, the profile
 * knows that it is the party's own store, a partner's, or the node. Anything else comes back as it was.
 */
export function tellWhose(thrown: unknown, located: LocatedProfile, said: SaidElsewhere = {}): unknown {
  if (!isP8eError(thrown)) return thrown;
  const { peer } = thrown.facts;
  const there = typeof peer === "string" ? peersOf(located, said).filter((each) => addressOf(each) === peer) : [];
  // The chain client says so of its node; by mistake a profile may name one address for both.
  const ofNode = thrown.message.startsWith(NODE_PREFIX);
  const named = there.find(({ kind }) => (kind === "node") === ofNode) ?? there[0];
  if (named === undefined) return thrown;
  const place = `${named.name}, ${named.url}`;
  const message = ofNode ? thrown.message.slice(NODE_PREFIX.length) : thrown.message;
  if (hasCode(thrown, "rpc.unimplemented")) {
    const other = isOther(named, String(thrown.facts["method"] ?? ""));
    if (!other) return thrown;
    return retold(thrown, `what answers as ${place}, is ${other}`, `${named.said} leads to another server: check it.`);
  }
  if (thrown.facts["grpcStatus"] !== undefined) return thrown;
  const down = `cannot connect to ${peer}`;
  const sentence = message.startsWith(down)
    ? `${place}, cannot be reached${message.slice(down.length)}`
    : `${place}: ${message}`;
  if (hasCode(thrown, "rpc.tls")) {
    return retold(thrown, sentence, `${thrown.hint ?? ""} ${whereInProfile(named, thrown.facts["reason"])}`.trim());
  }
  if (!hasCode(thrown, "rpc.unavailable", "ledger.unavailable", "store.unavailable", "rpc.deadline")) return thrown;
  return retold(thrown, sentence, thrown.hint === undefined ? named.whenDown : `${thrown.hint} ${named.whenDown}`);
}

function retold(error: P8eError, message: string, hint: string): P8eError {
  return new P8eError(error.code, message, { facts: error.facts as FactsOf<typeof error.code>, hint, cause: error });
}

function peersOf({ profile, file }: LocatedProfile, elsewhere: SaidElsewhere): readonly NamedPeer[] {
  const { party, network, node, store, partners } = profile;
  const inEnvironment = basename(file) === ENVIRONMENT_FILE;
  const logs = join(dirname(file), "logs");
  const restart = `p8e up runs it; its log is in ${logs}.`;
  const nodeSaid = elsewhere.node ?? `node.url in ${file}`;
  const check = (said: string) => `if it should be elsewhere, check ${said}.`;
  const whenStoreDown = inEnvironment
    ? restart
    : store.data === undefined
      ? `Ask who runs it, or ${check(`store.url in ${file}`)}`
      : `p8e store serve runs it; ${check(`store.url in ${file}`)}`;
  const whenNodeDown =
    inEnvironment && elsewhere.node === undefined
      ? restart
      : network.endpoint === undefined
        ? `p8e ledger serve runs one for tests; ${check(nodeSaid)}`
        : `p8e doctor looks at a node; ${check(nodeSaid)}`;
  return [
    {
      kind: "node",
      name: `the node of the network ${network.name}`,
      url: node.url,
      said: nodeSaid,
      whenDown: whenNodeDown,
      authority: `node.certificateAuthority in ${file}`,
      certificate: `node.clientCertificate and node.clientKey in ${file}`,
    },
    {
      kind: "store",
      name: `the store of ${party.title}`,
      url: party.storeUrl,
      said: `store.url in ${file}`,
      whenDown: whenStoreDown,
      authority: `store.certificateAuthority in ${file}`,
      certificate: `store.clientCertificate and store.clientKey in ${file}`,
    },
    ...partners.map(
      (partner): NamedPeer => ({
        kind: "store",
        name: `the store of ${partner.title}`,
        url: partner.storeUrl,
        said: `partners.${partner.name}.storeUrl in ${file}`,
        whenDown: `Ask ${partner.title}, or take over its newest card with p8e party add.`,
        authority: `store.serves.partnerAuthority in ${file}`,
        certificate: `store.serves.certificate in ${file}`,
      }),
    ),
  ];
}

/** As the facts of a call's error have it. */
function addressOf({ kind, url }: NamedPeer): string | undefined {
  const usual = url.startsWith("grpcs:") ? "443" : "80";
  const parsed = URL.parse((kind === "node" ? withPort(url) : url).replace(/^[a-z]+:/, "http:"));
  return parsed === null ? undefined : `${parsed.hostname}:${parsed.port || usual}`;
}

function whereInProfile({ said, authority, certificate }: NamedPeer, reason: unknown): string {
  if (reason === "unknown_authority") return `It stands in ${authority}.`;
  if (reason === "client_certificate") return `They stand in ${certificate}.`;
  return `The URL is ${said}.`;
}

/** What a server is that lacks a call which every one of its kind has; undefined for a call that not every one has. */
function isOther({ kind }: NamedPeer, method: string): string | undefined {
  if (kind === "store") return method.startsWith("/objectstore.") ? "no object store" : undefined;
  return method.endsWith("/GetNodeInfo") ? "no node of a chain" : undefined;
}
