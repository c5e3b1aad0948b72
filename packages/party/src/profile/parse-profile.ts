import {
  type AccountPrefix,
  base64Decode,
  base64Encode,
  type JsonContext,
  type Network,
  networkNamed,
  networks,
  P8eError,
  parseAccountAddress,
  parseJson,
  shape,
  type ValueOf,
} from "@p8e/core";
import { FEE_MAX_FORM } from "../fee-max.ts";
import { isPartyTitle, parsePartyName } from "./party-name.ts";
import type {
  DatabaseReference,
  Partner,
  Profile,
  ProfileApprovers,
  ProfileNode,
  ProfileServing,
  ProfileStore,
  ProfileTls,
} from "./profile.ts";

/** Format of `p8e.json`. */
export const PROFILE_FORMAT = 1;
/** The most partners that a profile can name. */
export const PARTNERS_MAX = 1000;

/** The most people whose yes a profile can want. */
const APPROVERS_MAX = 20;

const PROFILE_BYTES_MAX = 2_000_000;
const TEXT_LENGTH_MAX = 10_000;

const text = (says: string, form = /./s) => shape.text({ says, form, lengthMax: TEXT_LENGTH_MAX });

const storeUrl = text("grpc://HOST:PORT", /^grpcs?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,255})(:\d{1,5})?\/?$/);
const nodeUrl = text(
  "grpc://HOST:PORT or grpcs://HOST:PORT",
  /^grpcs?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,255})(:\d{1,5})?\/?$/,
);
const rpcUrl = text(
  "http://HOST:PORT or https://HOST",
  /^https?:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,255})(:\d{1,5})?(\/[^\s#]{0,500})?$/,
);
const keyReference = text("a key reference, as file:PATH", /^[a-z][a-z0-9-]{1,30}:/s);
const derivationPath = text("a derivation path", /^m(\/[0-9]{1,10}'?){1,10}$/);
const publicKey = shape.parsed("a public key in base64", parsePoint);

/** A party as its profile and its partners' profiles describe it; addresses are of one network. */
function faceOf(prefix: AccountPrefix) {
  return {
    title: shape.parsed("a title in one line of at most 100 characters", parseTitle),
    address: shape.parsed(`an address that begins with ${prefix}1`, (from) => parseAccountAddress(from, prefix)),
    signingKey: publicKey,
    encryptionKey: publicKey,
  };
}

const databaseShape = shape.object({
  host: text("a host"),
  port: shape.whole(1, 65_535),
  name: text("a database's name"),
  user: text("a role's name"),
  password: text("env:NAME or file:PATH", /^(env:[A-Za-z_][A-Za-z0-9_]{0,100}|file:.+)$/s),
  schema: text("a schema's name"),
});

const pemFile = () => shape.optional(text("a file's path"));
const clientTlsFields = { certificateAuthority: pemFile(), clientCertificate: pemFile(), clientKey: pemFile() };
const servingShape = shape.object({
  certificate: text("a file's path"),
  key: text("a file's path"),
  clientAuthority: pemFile(),
  partnerAuthority: pemFile(),
});

/** What is read first: the rest depends on the network. */
const networkShape = shape.openObject({
  format: shape.only(PROFILE_FORMAT),
  network: text("a network's name, or file:PATH"),
});

function profileShape(prefix: AccountPrefix) {
  const face = faceOf(prefix);
  return shape.object({
    format: shape.only(PROFILE_FORMAT),
    network: text("a network's name, or file:PATH"),
    party: shape.object({ name: shape.parsed("a party's name", parsePartyName), ...face }),
    node: shape.object({
      url: nodeUrl,
      rpcUrl: shape.optional(rpcUrl),
      ...clientTlsFields,
    }),
    keys: shape.object({
      signing: keyReference,
      encryption: keyReference,
      signingPath: derivationPath,
      encryptionPath: derivationPath,
    }),
    store: shape.object({
      url: storeUrl,
      data: shape.optional(text("a folder")),
      database: shape.optional(databaseShape),
      storagePath: shape.optional(text("a folder")),
      storage: shape.optional(text("where a store keeps its objects")),
      ...clientTlsFields,
      serves: shape.optional(servingShape),
    }),
    feeMax: shape.optional(text("the most that a transaction may cost, as $25 or 2500000000nhash", FEE_MAX_FORM)),
    approvers: shape.optional(
      shape.object({
        needed: shape.whole(2, APPROVERS_MAX),
        people: shape.map(shape.object({ signingKey: publicKey, key: keyReference }), APPROVERS_MAX),
      }),
    ),
    partners: shape.optional(
      shape.map(shape.object({ ...face, storeUrl, toRegister: shape.optional(shape.flag()) }), PARTNERS_MAX),
    ),
  });
}

type ProfileValue = ValueOf<ReturnType<typeof profileShape>>;

/**
 * Reads the text of a `p8e.json`. A network that is not built in is asked of `networkOf`, by the file that the profile
 * names.
 * @throws `configuration.invalid` with the facts `file` and `field`; what `networkOf` throws
 */
export function parseProfile(content: string, file: string, networkOf: (networkFile: string) => Network): Profile {
  const context: JsonContext = {
    what: "the file",
    file,
    code: "configuration.invalid",
    newestFormat: PROFILE_FORMAT,
    bytesMax: PROFILE_BYTES_MAX,
    hint: "docs/protocol/profile.md says what a profile holds.",
  };
  const networkText = parseJson(networkShape, content, context).network;
  const networkFile = networkText.startsWith("file:") ? networkText.slice("file:".length) : undefined;
  const network = networkFile === undefined ? networkNamed(networkText) : networkOf(networkFile);
  if (network === undefined) {
    throw refusal(file, "network", `must be one of ${Object.keys(networks).join(", ")}, or file:PATH`);
  }
  const {
    party,
    node,
    keys,
    store,
    feeMax,
    approvers,
    partners = {},
  } = parseJson(profileShape(network.accountPrefix), content, context);
  const profile: Profile = {
    party: { ...party, storeUrl: store.url },
    network,
    ...(networkFile === undefined ? {} : { networkFile }),
    node: nodeOf(node, file),
    keys,
    store: storeOf(store, file),
    ...(feeMax === undefined ? {} : { feeMax }),
    ...(approvers === undefined ? {} : { approvers: approversOf(approvers, party, file) }),
    partners: Object.entries(partners).map(([name, value]) => partnerOf(name, value, file)),
  };
  if (profile.partners.some(({ name }) => name === profile.party.name)) {
    throw refusal(file, "partners", "must be named otherwise than the party itself");
  }
  return profile;
}

/** What {@link parseProfile} reads again. */
export function profileText(profile: Profile): string {
  const { party, network, networkFile, node, keys, store, feeMax, approvers, partners } = profile;
  const { name, title, address, signingKey, encryptionKey, storeUrl } = party;
  const value = {
    format: PROFILE_FORMAT,
    network: networkFile === undefined ? network.name : `file:${networkFile}`,
    party: { name, title, address, signingKey, encryptionKey },
    node: { url: node.url, rpcUrl: node.rpcUrl, ...clientTlsJson(node) },
    keys: {
      signing: keys.signing,
      encryption: keys.encryption,
      signingPath: keys.signingPath,
      encryptionPath: keys.encryptionPath,
    },
    store: {
      url: storeUrl,
      data: store.data,
      database: databaseJson(store.database),
      storagePath: store.storagePath,
      storage: store.storage,
      ...clientTlsJson(store),
      serves: servingJson(store.serves),
    },
    feeMax,
    approvers: approversJson(approvers),
    partners: Object.fromEntries(
      partners.map(({ name, toRegister, ...face }) => [name, { ...face, ...(toRegister ? { toRegister } : {}) }]),
    ),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function partnerOf(text: string, value: NonNullable<ProfileValue["partners"]>[string], file: string): Partner {
  try {
    return { ...value, name: parsePartyName(text), toRegister: value.toRegister ?? false };
  } catch {
    throw refusal(file, "partners", "must be named as parties are");
  }
}

/** A person has one yes, and the party's keys, which `listen` has at hand, have none. */
function approversOf(
  { needed, people }: NonNullable<ProfileValue["approvers"]>,
  { signingKey, encryptionKey }: ProfileValue["party"],
  file: string,
): ProfileApprovers {
  const all = Object.entries(people).map(([name, value]) => ({ name, ...value }));
  const odd = all.find(({ name }) => !/^[a-z][a-z0-9-]{0,30}$/.test(name));
  if (odd !== undefined) {
    throw refusal(file, "approvers.people", "must be named with a lower-case letter, then letters, digits and hyphens");
  }
  const keys = new Set([signingKey, encryptionKey, ...all.map((each) => each.signingKey)]);
  if (keys.size !== new Set([signingKey, encryptionKey]).size + all.length) {
    throw refusal(file, "approvers.people", "must have a key each, and none of the party's own");
  }
  if (needed > all.length) throw refusal(file, "approvers.needed", "must be at most as many as there are people");
  return { needed, people: all };
}

function approversJson(approvers: ProfileApprovers | undefined): Record<string, unknown> | undefined {
  if (approvers === undefined) return undefined;
  const people = approvers.people.map(({ name, signingKey, key }) => [name, { signingKey, key }] as const);
  return { needed: approvers.needed, people: Object.fromEntries(people) };
}

function nodeOf({ url, rpcUrl, ...tls }: ProfileValue["node"], file: string): ProfileNode {
  return { url, ...(rpcUrl === undefined ? {} : { rpcUrl }), ...clientTlsOf(tls, "node", file) };
}

type TlsFields = Pick<ProfileValue["node"], "certificateAuthority" | "clientCertificate" | "clientKey">;

function clientTlsOf(fields: TlsFields, where: "node" | "store", file: string): ProfileTls {
  const { certificateAuthority, clientCertificate, clientKey } = fields;
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw refusal(
      file,
      `${where}.${clientKey === undefined ? "clientKey" : "clientCertificate"}`,
      "is missing: certificate and key belong together",
    );
  }
  return {
    ...(certificateAuthority === undefined ? {} : { certificateAuthorityFile: certificateAuthority }),
    ...(clientCertificate === undefined ? {} : { clientCertificateFile: clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKeyFile: clientKey }),
  };
}

function clientTlsJson({ certificateAuthorityFile, clientCertificateFile, clientKeyFile }: ProfileTls): TlsFields {
  return {
    certificateAuthority: certificateAuthorityFile,
    clientCertificate: clientCertificateFile,
    clientKey: clientKeyFile,
  } as TlsFields;
}

function servingOf({
  certificate,
  key,
  clientAuthority,
  partnerAuthority,
}: NonNullable<ProfileValue["store"]["serves"]>): ProfileServing {
  return {
    certificateFile: certificate,
    keyFile: key,
    ...(clientAuthority === undefined ? {} : { clientAuthorityFile: clientAuthority }),
    ...(partnerAuthority === undefined ? {} : { partnerAuthorityFile: partnerAuthority }),
  };
}

function servingJson(serving: ProfileServing | undefined): Record<string, string | undefined> | undefined {
  if (serving === undefined) return undefined;
  const { certificateFile, keyFile, clientAuthorityFile, partnerAuthorityFile } = serving;
  return {
    certificate: certificateFile,
    key: keyFile,
    clientAuthority: clientAuthorityFile,
    partnerAuthority: partnerAuthorityFile,
  };
}

function storeOf(store: ProfileValue["store"], file: string): ProfileStore {
  const { url: _, database, certificateAuthority, clientCertificate, clientKey, serves, ...places } = store;
  const tls: TlsFields = {
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey }),
  };
  const folders: ProfileStore = {
    ...places,
    ...clientTlsOf(tls, "store", file),
    ...(serves === undefined ? {} : { serves: servingOf(serves) }),
  };
  if (store.data !== undefined && (database ?? store.storagePath ?? store.storage) !== undefined) {
    throw refusal(file, "store.data", "must be alone: that folder has database and envelopes");
  }
  if (database === undefined) return folders;
  const { password: passwordReference, ...rest } = database;
  return { ...folders, database: { ...rest, passwordReference } };
}

function refusal(file: string, field: string, problem: string): P8eError {
  return new P8eError("configuration.invalid", `${file}: ${field} ${problem}`, { facts: { file, field } });
}

function databaseJson(database: DatabaseReference | undefined): Record<string, unknown> | undefined {
  if (database === undefined) return undefined;
  const { passwordReference, ...rest } = database;
  return { ...rest, password: passwordReference };
}

function parseTitle(text: string): string {
  if (!isPartyTitle(text)) throw new Error("no title");
  return text;
}

/**
 * An uncompressed point has 65 bytes and begins with 4; whether it lies on the curve is seen when it is used. One key is
 * one text, however it was written.
 */
function parsePoint(text: string): string {
  const bytes = base64Decode(text);
  if (bytes.length !== 65 || bytes[0] !== 4) throw new Error("no point");
  return base64Encode(bytes);
}
