import { P8eError } from "@p8e/core";

/** Where the objects of a store lie that are too large for its database. */
export type StorageLocation = FilesLocation | S3Location | GcsLocation;

/** A folder of this machine. */
export interface FilesLocation {
  readonly kind: "files";
  readonly basePath: string;
}

/** What S3 encrypts with: keys of its own, or of its key management. */
export type S3Encryption = "AES256" | "aws:kms" | "aws:kms:dsse";

/** A bucket of S3, or of another service that speaks it. */
export interface S3Location {
  readonly kind: "s3";
  readonly bucket: string;
  /** What every key begins with: empty, or a path that ends in `/`. */
  readonly prefix: string;
  /** Where the service is; undefined for Amazon's own. */
  readonly endpoint: string | undefined;
  /** Undefined: as the SDK finds it (AWS_REGION, shared files). */
  readonly region: string | undefined;
  /** Whether the bucket stands in the path instead of the host's name. */
  readonly pathStyle: boolean;
  /** Undefined: as the bucket is set up. */
  readonly encryption: S3Encryption | undefined;
  readonly kmsKey: string | undefined;
}

/** A bucket of Google Cloud Storage. */
export interface GcsLocation {
  readonly kind: "gcs";
  readonly bucket: string;
  /** What every key begins with: empty, or a path that ends in `/`. */
  readonly prefix: string;
  /** Where the service is; undefined for Google's own. Over plain http no credentials are sent. */
  readonly endpoint: string | undefined;
  /** Undefined: as the bucket is set up. */
  readonly kmsKey: string | undefined;
}

const encryptions: readonly string[] = ["AES256", "aws:kms", "aws:kms:dsse"] satisfies readonly S3Encryption[];
const options = {
  s3: ["endpoint", "region", "pathStyle", "encryption", "kmsKey"],
  gcs: ["endpoint", "kmsKey"],
} as const;

/**
 * `s3://BUCKET/PREFIX?endpoint=&region=&pathStyle=&encryption=&kmsKey=`, `gs://BUCKET/PREFIX?endpoint=&kmsKey=`, or an
 * absolute path of a folder. Everything but the bucket may be left out. There are no credentials in it.
 * @throws `configuration.invalid`
 */
export function parseStorageLocation(text: string): StorageLocation {
  if (text.length > 4096) throw invalid("is too long");
  if (/^(\/|[A-Za-z]:[\\/])/.test(text)) return { kind: "files", basePath: text };
  const url = URL.parse(text);
  if (url?.protocol !== "s3:" && url?.protocol !== "gs:") {
    throw invalid("must be an absolute path, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX");
  }
  if (url.username !== "" || url.password !== "" || url.port !== "" || url.hash !== "") {
    throw invalid("must be a bucket and a path: credentials are not written into it");
  }
  const kind = url.protocol === "s3:" ? "s3" : "gcs";
  for (const name of url.searchParams.keys()) {
    if (!(options[kind] as readonly string[]).includes(name)) throw invalid(`has an option that is not known: ${name}`);
  }
  const given = (name: string) => url.searchParams.get(name) || undefined;
  const place = { bucket: bucketOf(url.hostname), prefix: prefixOf(url.pathname), kmsKey: given("kmsKey") };
  const endpoint = endpointOf(given("endpoint"));
  if (kind === "gcs") return { kind, ...place, endpoint };
  return {
    kind,
    ...place,
    endpoint,
    region: given("region"),
    pathStyle: pathStyleOf(given("pathStyle"), endpoint),
    encryption: encryptionOf(given("encryption"), place.kmsKey),
  };
}

/** The text that {@link parseStorageLocation} makes the same location of. */
export function storageLocationText(location: StorageLocation): string {
  if (location.kind === "files") return location.basePath;
  const given = new URLSearchParams();
  const set = (name: string, value: string | undefined) => value !== undefined && given.set(name, value);
  set("endpoint", location.endpoint);
  if (location.kind === "s3") {
    set("region", location.region);
    if (location.pathStyle !== (location.endpoint !== undefined)) set("pathStyle", String(location.pathStyle));
    set("encryption", location.encryption);
  }
  set("kmsKey", location.kmsKey);
  const scheme = location.kind === "s3" ? "s3" : "gs";
  const path = location.prefix === "" ? "" : `/${location.prefix.slice(0, -1)}`;
  return `${scheme}://${location.bucket}${path}${given.size === 0 ? "" : `?${given}`}`;
}

/** @throws `configuration.invalid` */
export function bucketOf(name: string): string {
  if (/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name)) return name;
  throw invalid("must name a bucket: small letters, digits, dots, dashes, at least three");
}

/** @throws `configuration.invalid` */
export function endpointOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const plain = url && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!plain || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw invalid("must have an endpoint of the form https://HOST:PORT");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function prefixOf(path: string): string {
  const parts = decodeURIComponent(path)
    .split("/")
    .filter((part) => part !== "");
  if (parts.some((part) => part === "." || part === ".." || !/^[\w.=@+-]+$/.test(part))) {
    throw invalid("must have a prefix of letters, digits and ._=@+- between slashes");
  }
  return parts.map((part) => `${part}/`).join("");
}

function pathStyleOf(text: string | undefined, endpoint: string | undefined): boolean {
  if (text === undefined) return endpoint !== undefined;
  if (text !== "true" && text !== "false") throw invalid("must have a pathStyle of true or false");
  return text === "true";
}

function encryptionOf(text: string | undefined, kmsKey: string | undefined): S3Encryption | undefined {
  if (text !== undefined && !encryptions.includes(text)) {
    throw invalid(`must have an encryption of ${encryptions.join(", ")}`);
  }
  if (kmsKey !== undefined && !text?.startsWith("aws:kms")) throw invalid("has a kmsKey without encryption=aws:kms");
  return text as S3Encryption | undefined;
}

function invalid(problem: string): P8eError {
  return new P8eError("configuration.invalid", `the storage ${problem}`, { facts: { field: "storage" } });
}
