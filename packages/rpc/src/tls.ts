import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { P8eError } from "@p8e/core";

/** How a server shows who it is, and whom it lets in. All PEM. */
export interface ServerTls {
  /** Its certificate, followed by those between it and the authority. */
  readonly cert: string;
  readonly key: string;
  /** With it, only clients whose certificate one of these authorities signed are let in. */
  readonly clientAuthorities?: string;
}

/** How a client checks the server's certificate, and shows its own. All PEM. */
export interface ClientTls {
  /** Trust these instead of the system's authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name to expect in the certificate, where it is not the host's. */
  readonly servername?: string;
}

/** Settings, or a function that is asked for each new connection, so that renewed certificates need no restart. */
export type ClientTlsSource = ClientTls | (() => ClientTls | Promise<ClientTls>);

const VERSION_MIN = "TLSv1.2";

/** What node:tls takes for a server. Throws configuration.invalid where certificate, key or authority are none. */
export function serverTlsOptions({ cert, key, clientAuthorities }: ServerTls): SecureContextOptions {
  const authorities = clientAuthorities === undefined ? {} : { ca: clientAuthorities };
  return checked({ cert, key, ...authorities, minVersion: VERSION_MIN });
}

/** What node:tls takes for a connection to `host`. Throws configuration.invalid as serverTlsOptions does. */
export function clientTlsOptions(host: string, { ca, cert, key, servername }: ClientTls) {
  if ((cert === undefined) !== (key === undefined)) {
    throw new P8eError(
      "configuration.invalid",
      "a client certificate for TLS needs its key, and a key its certificate",
    );
  }
  const name = servername ?? (isIP(host) === 0 ? host : undefined);
  return {
    ...checked({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      minVersion: VERSION_MIN,
    }),
    ...(name === undefined ? {} : { servername: name }),
    ALPNProtocols: ["h2"],
  };
}

/** OpenSSL reads the PEM now, so that what is wrong with it is not a failure of a connection later. */
function checked(options: SecureContextOptions): SecureContextOptions {
  try {
    createSecureContext(options);
    // Not read by createSecureContext where there is none in it.
    for (const authority of [options.ca ?? []].flat()) new X509Certificate(authority);
    return options;
  } catch (cause) {
    throw new P8eError("configuration.invalid", "certificate, key and authority for TLS do not fit or are not PEM", {
      cause,
      hint: "The key must be the certificate's own, without a passphrase.",
    });
  }
}

interface Reason {
  readonly reason: string;
  readonly sentence: string;
  readonly hint: string;
}

/**
 * A connection that failed because of TLS, as rpc.tls; undefined for any other failure. The fact `reason` is one of
 * unknown_authority, wrong_name, expired, not_yet_valid, client_certificate, not_tls, no_http2, handshake.
 * A peer that hangs up without a word when the handshake is over may have gone away or may want another certificate
 * (servers on Node.js do not say so): rpc.unavailable with that hint.
 */
export function tlsError(peer: string, cause: unknown, secured: boolean): P8eError | undefined {
  if (secured && cause === undefined) {
    return new P8eError(
      "rpc.unavailable",
      `cannot connect to ${peer}: it ended the connection after the TLS handshake`,
      {
        facts: { peer },
        hint: "Try again; if it stays like that, the peer may want a client certificate that it trusts.",
      },
    );
  }
  const code = cause instanceof Error ? String((cause as { code?: unknown }).code ?? "") : "";
  const found = reasons[code] ?? reasonOfOther(code);
  if (found === undefined) return undefined;
  const { reason, sentence, hint } = found;
  return new P8eError("rpc.tls", `cannot connect to ${peer}: ${sentence}`, { facts: { peer, reason }, hint, cause });
}

const unknownAuthority: Reason = {
  reason: "unknown_authority",
  sentence: "its certificate is signed by an authority that is not trusted here",
  hint: "If the peer is the right one, name the authority that signed its certificate.",
};

const clientCertificate: Reason = {
  reason: "client_certificate",
  sentence: "it wants a client certificate that it trusts",
  hint: "Use a certificate and key that the peer's operator accepts.",
};

/** Codes of OpenSSL's verification, of node:tls and of alerts that the peer sent. */
const reasons: Readonly<Record<string, Reason>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: "wrong_name",
    sentence: "its certificate is for another name",
    hint: "Use a name that the certificate has in the URL; a certificate for another host may mean that this is not the peer.",
  },
  CERT_HAS_EXPIRED: {
    reason: "expired",
    sentence: "its certificate has expired",
    hint: "The peer's operator has to renew it; if it should still be valid, check this machine's clock.",
  },
  CERT_NOT_YET_VALID: {
    reason: "not_yet_valid",
    sentence: "its certificate is not valid yet",
    hint: "Check this machine's clock.",
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: clientCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: clientCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: clientCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: clientCertificate,
  ERR_SSL_WRONG_VERSION_NUMBER: {
    reason: "not_tls",
    sentence: "it does not speak TLS",
    hint: "Use grpc:// for plaintext, or the port on which the peer speaks TLS.",
  },
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: {
    reason: "no_http2",
    sentence: "it does not offer HTTP/2",
    hint: "A proxy in front of the peer must speak HTTP/2 (ALPN h2), as gRPC needs it.",
  },
};

function reasonOfOther(code: string): Reason | undefined {
  if (!/^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|EPROTO$)/.test(code)) return undefined;
  return {
    reason: "handshake",
    sentence: `the TLS handshake failed (${code})`,
    hint: "Check the versions and certificates of both sides.",
  };
}
