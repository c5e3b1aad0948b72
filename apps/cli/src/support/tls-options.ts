import { P8eError } from "@p8e/core";
import type { Command } from "commander";

/** The PEM files that a server speaks TLS with, as its command was told. */
export interface TlsOptions {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
}

/** The options of a server's TLS, on a command. */
export function tlsOptions(command: Command): Command {
  return command
    .option("--tls-cert <file>", "speak TLS with this certificate (PEM), and with a renewed one within a minute")
    .option("--tls-key <file>", "the certificate's key (PEM)")
    .option("--tls-client-ca <file>", "let in only clients whose certificate these authorities signed (PEM)");
}

/** Undefined without TLS. @throws `input.invalid` when one is given without the other */
export function tlsFilesOf({ tlsCert, tlsKey, tlsClientCa }: TlsOptions) {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return { cert: tlsCert, key: tlsKey, ...(tlsClientCa === undefined ? {} : { clientAuthorities: tlsClientCa }) };
  }
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined;
  throw new P8eError("input.invalid", `${tlsCert === undefined ? "--tls-cert" : "--tls-key"} is missing`, {
    hint: "A server speaks TLS with a certificate and its key: --tls-cert and --tls-key.",
  });
}
