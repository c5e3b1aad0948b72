import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { base64Decode } from "@p8e/core";
import * as objectStore from "@p8e/proto/object-store";
import { type Route, service } from "@p8e/rpc";
import { keyText } from "../domain/audience.ts";
import { splitAuthData } from "../domain/authorization.ts";
import type { KeyRegistration } from "../domain/key-registration.ts";
import { checkPublicKeyRequest } from "../domain/public-key-request.ts";
import { registerKey } from "../register-key.ts";
import { timestampOf } from "./messages.ts";
import { factsOf, refuseInMaintenance, requireAdmin, type StoreContext } from "./store-context.ts";

/** The registration of keys: whose they are and which store serves them. */
export function publicKeyService(store: StoreContext): readonly Route[] {
  return service(objectStore.PublicKeyService, {
    async add(request, call) {
      const facts = factsOf(call);
      requireAdmin(store, call);
      refuseInMaintenance(store);
      const { rawKey, url, authData } = checkPublicKeyRequest(request);
      facts.key = keyText(rawKey);
      facts.url = url;
      const metadata = request.metadata ? toBinary(AnySchema, request.metadata) : new Uint8Array(0);
      const registration = await registerKey(store, { rawKey, url, metadata, authData });
      return publicKeyResponse(registration);
    },
  });
}

function publicKeyResponse(registration: KeyRegistration) {
  return {
    uuid: { value: registration.uuid },
    publicKey: { key: { case: "secp256k1" as const, value: base64Decode(registration.key) } },
    url: registration.url,
    createdAt: timestampOf(registration.createdAt),
    updatedAt: timestampOf(registration.updatedAt),
    ...(registration.metadata.length > 0 ? { metadata: fromBinary(AnySchema, registration.metadata) } : {}),
    ...(registration.authType === null
      ? {}
      : { impl: { case: "headerAuth" as const, value: splitAuthData(registration.authData) } }),
  };
}
