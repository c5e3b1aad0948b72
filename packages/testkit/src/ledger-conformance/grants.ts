import type { DescMessage } from "@bufbuild/protobuf";
import { type Any, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { cosmos } from "@p8e/proto";
import { type Actor, packed } from "./transaction.ts";

export interface GrantOptions {
  /** How often it may be used; without it, always. */
  readonly uses?: number;
  readonly expirationMs?: number;
}

export function grant(granter: Actor, grantee: Actor, message: DescMessage, options: GrantOptions = {}): Any {
  const msg = `/${message.typeName}`;
  const { uses, expirationMs } = options;
  const authorization =
    uses === undefined
      ? packed(cosmos.authz.GenericAuthorizationSchema, { msg })
      : packed(cosmos.authz.CountAuthorizationSchema, { msg, allowedAuthorizations: uses });
  return packed(cosmos.authz.MsgGrantSchema, {
    granter: granter.address,
    grantee: grantee.address,
    grant: {
      authorization,
      ...(expirationMs === undefined ? {} : { expiration: timestampFromMs(expirationMs) }),
    },
  });
}
