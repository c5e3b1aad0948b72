import { type AccountPrefix, base64Decode, type Network, networkNamed, networks, parseAccountAddress } from "@p8e/core";
import { Fields } from "./fields.ts";
import { isPartyTitle, parsePartyName } from "./party-name.ts";
import type {
  DatabaseReference,
  Partner,
  PartyDescription,
  Profile,
  ProfileKeys,
  ProfileNode,
  ProfileStore,
} from "./profile.ts";

/** Format of `p8e.json`. */
export const PROFILE_FORMAT = 1;
export const PARTNERS_MAX = 1000;

const NODE_URL = /^grpcs?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,255})(:\d{1,5})?\/?$/;
const RPC_URL = /^https?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,255})(:\d{1,5})?(\/[^\s#]{0,500})?$/;
const STORE_URL = NODE_URL;
const PATH = /^m(\/[0-9]{1,10}'?){1,10}$/;
const REFERENCE = /^[a-z][a-z0-9-]{1,30}:/s;
const SECRET_REFERENCE = /^(env:[A-Za-z_][A-Za-z0-9_]{0,100}|file:.+)$/s;

/**
 * Reads the text of a `p8e.json`. A network that is not built in is asked of `networkOf`, by the file that the profile
 * names.
 * @throws `configuration.invalid` with the facts `file` and `field`; what `networkOf` throws
 */
export function parseProfile(text: string, file: string, networkOf: (networkFile: string) => Network): Profile {
  const root = Fields.ofText(text, file, PROFILE_FORMAT);
  const names = Object.keys(networks).join(", ");
  const networkText = root.text("network", `one of ${names}, or file:PATH`);
  const networkFile = networkText.startsWith("file:") ? networkText.slice("file:".length) : undefined;
  const network = networkFile === undefined ? networkNamed(networkText) : networkOf(networkFile);
  if (network === undefined) throw root.refuse("network", `one of ${names}, or file:PATH`);
  const { accountPrefix } = network;
  const store = root.object("store");
  const party = root.object("party");
  const profile: Profile = {
    party: {
      name: party.parsed("name", "a party's name", parsePartyName),
      ...parseFace(party, accountPrefix),
      storeUrl: store.text("url", "grpc://HOST:PORT", (url) => STORE_URL.test(url)),
    },
    network,
    ...(networkFile === undefined ? {} : { networkFile }),
    node: parseNode(root.object("node")),
    keys: parseKeys(root.object("keys")),
    store: parseStore(store),
    partners: root
      .entries("partners", PARTNERS_MAX)
      .map(([name, fields]) => parsePartner(root, name, fields, accountPrefix)),
  };
  if (profile.partners.some(({ name }) => name === profile.party.name)) {
    throw root.refuse("partners", "named otherwise than the party itself");
  }
  party.done();
  root.done();
  return profile;
}

/** What {@link parseProfile} reads again. */
export function profileText(profile: Profile): string {
  const { party, network, networkFile, node, keys, store, partners } = profile;
  const { name, title, address, signingKey, encryptionKey, storeUrl } = party;
  const value = {
    format: PROFILE_FORMAT,
    network: networkFile === undefined ? network.name : `file:${networkFile}`,
    party: { name, title, address, signingKey, encryptionKey },
    node: { url: node.url, rpcUrl: node.rpcUrl, certificateAuthority: node.certificateAuthorityFile },
    keys: {
      signing: keys.signing,
      encryption: keys.encryption,
      signingPath: keys.signingPath,
      encryptionPath: keys.encryptionPath,
    },
    store: { url: storeUrl, data: store.data, database: databaseJson(store.database), storagePath: store.storagePath },
    partners: Object.fromEntries(
      partners.map(({ name, toRegister, ...face }) => [name, { ...face, ...(toRegister ? { toRegister } : {}) }]),
    ),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parseFace(
  from: Fields,
  prefix: AccountPrefix,
): Pick<PartyDescription, "title" | "address" | "signingKey" | "encryptionKey"> {
  return {
    title: from.text("title", "a title in one line of at most 100 characters", isPartyTitle),
    address: from.parsed("address", `an address that begins with ${prefix}1`, (text) =>
      parseAccountAddress(text, prefix),
    ),
    signingKey: from.text("signingKey", "a public key in base64", isPoint),
    encryptionKey: from.text("encryptionKey", "a public key in base64", isPoint),
  };
}

function parsePartner(root: Fields, text: string, fields: Fields, prefix: AccountPrefix): Partner {
  let name: Partner["name"];
  try {
    name = parsePartyName(text);
  } catch {
    throw root.refuse("partners", "named as parties are");
  }
  const partner = {
    name,
    ...parseFace(fields, prefix),
    storeUrl: fields.text("storeUrl", "grpc://HOST:PORT", (url) => STORE_URL.test(url)),
    toRegister: fields.flag("toRegister"),
  };
  fields.done();
  return partner;
}

function parseNode(from: Fields): ProfileNode {
  const url = from.text("url", "grpc://HOST:PORT or grpcs://HOST:PORT", (text) => NODE_URL.test(text));
  const isRpc = (text: string) => RPC_URL.test(text);
  const rpcUrl = from.has("rpcUrl") ? from.text("rpcUrl", "http://HOST:PORT or https://HOST", isRpc) : undefined;
  const authority = from.has("certificateAuthority") ? from.text("certificateAuthority", "a file's path") : undefined;
  from.done();
  return {
    url,
    ...(rpcUrl === undefined ? {} : { rpcUrl }),
    ...(authority === undefined ? {} : { certificateAuthorityFile: authority }),
  };
}

function parseKeys(from: Fields): ProfileKeys {
  const isReference = (text: string) => REFERENCE.test(text);
  const isPath = (text: string) => PATH.test(text);
  const keys = {
    signing: from.text("signing", "a key reference, as file:PATH", isReference),
    encryption: from.text("encryption", "a key reference, as file:PATH", isReference),
    signingPath: from.text("signingPath", "a derivation path", isPath),
    encryptionPath: from.text("encryptionPath", "a derivation path", isPath),
  };
  from.done();
  return keys;
}

function parseStore(from: Fields): ProfileStore {
  const data = from.has("data") ? from.text("data", "a folder") : undefined;
  const storagePath = from.has("storagePath") ? from.text("storagePath", "a folder") : undefined;
  const database = from.has("database") ? parseDatabase(from.object("database")) : undefined;
  if (data !== undefined && (database !== undefined || storagePath !== undefined)) {
    throw from.refuse("data", "alone: that folder has database and envelopes");
  }
  from.done();
  return {
    ...(data === undefined ? {} : { data }),
    ...(database === undefined ? {} : { database }),
    ...(storagePath === undefined ? {} : { storagePath }),
  };
}

function parseDatabase(from: Fields): DatabaseReference {
  const database = {
    host: from.text("host", "a host"),
    port: from.integer("port", 1, 65_535),
    name: from.text("name", "a database's name"),
    user: from.text("user", "a role's name"),
    passwordReference: from.text("password", "env:NAME or file:PATH", (text) => SECRET_REFERENCE.test(text)),
    schema: from.text("schema", "a schema's name"),
  };
  from.done();
  return database;
}

function databaseJson(database: DatabaseReference | undefined): Record<string, unknown> | undefined {
  if (database === undefined) return undefined;
  const { passwordReference, ...rest } = database;
  return { ...rest, password: passwordReference };
}

/** An uncompressed point has 65 bytes and begins with 4; whether it lies on the curve is seen when it is used. */
function isPoint(text: string): boolean {
  try {
    const bytes = base64Decode(text);
    return bytes.length === 65 && bytes[0] === 4;
  } catch {
    return false;
  }
}
