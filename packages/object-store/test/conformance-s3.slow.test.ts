// The suite of object stores on ours, its objects in S3.
import { after } from "node:test";
import { objectStoreConformance, optionalBlobServer } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

const s3 = await optionalBlobServer("s3", "the suite of object stores in S3");
after(() => s3?.[Symbol.asyncDispose]());

/** Each store of the suite in a prefix of its own, named for the folder that it would otherwise have. */
class BucketHarness extends LocalHarness {
  readonly bucket = "blobs";

  override start(environment: Readonly<Record<string, string>>) {
    const prefix = environment.STORAGE_BASE_PATH!.replaceAll("/", "-").slice(1);
    const where = `s3://blobs/${prefix}?${new URLSearchParams({ endpoint: s3!.endpoint })}`;
    return super.start({ P8E_STORE_STORAGE: where, ...environment });
  }
}

if (s3 !== undefined) {
  process.env.AWS_ACCESS_KEY_ID = s3.credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = s3.credentials.secretAccessKey;
  process.env.AWS_REGION = "us-east-1";
  objectStoreConformance("ours, in S3", new BucketHarness());
}
