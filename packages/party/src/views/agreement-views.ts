import type { Agreement, Approval, JvmRequest, RequestedSession, Transition } from "@p8e/sdk";

/** A session that others were asked to sign. */
export function requestedView({ executionUuid, scope, session, others, deadlineMs }: RequestedSession) {
  return {
    ...{ execution: executionUuid, state: "requested", scope, session },
    deadline: new Date(deadlineMs).toISOString(),
    signers: others.map(({ address, sessionMessages, dataAccessMessages }) => ({
      ...{ address, messages: sessionMessages + dataAccessMessages },
    })),
  };
}

/** What a party is called in options, by an account of it; undefined for one that is not known. */
export type NameOf = (address: string) => string | undefined;

const nobodyIsKnown: NameOf = () => undefined;

/** An own session that several sign, as it is remembered. */
export function agreementView({ uuid, state, deadlineMs, signers, reason }: Agreement, nameOf: NameOf = nobodyIsKnown) {
  return {
    ...{ execution: uuid, role: "invoker", state, deadline: new Date(deadlineMs).toISOString() },
    ...(reason === undefined ? {} : { reason }),
    signers: signers.map(({ address, stand }) => ({ address, party: nameOf(address), stand })),
  };
}

/** Another party's session that this one is asked to sign, as it is remembered. */
export function approvalView(
  { uuid, state, deadlineMs, invoker, contract, reason }: Approval,
  nameOf: NameOf = nobodyIsKnown,
) {
  return {
    ...{ execution: uuid, role: "approver", state, deadline: new Date(deadlineMs).toISOString() },
    ...{ invoker, invokerParty: nameOf(invoker), contract },
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A session that a party of the JVM's SDK asks for, as it is remembered. */
export function jvmRequestView({ uuid, state, invoker, reason }: JvmRequest, nameOf: NameOf = nobodyIsKnown) {
  return {
    ...{ execution: uuid, role: "approver", by: "jvm", state, invoker, invokerParty: nameOf(invoker) },
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The steps of a session, in order. */
export function transitionViews(transitions: readonly Transition[], nameOf: NameOf = nobodyIsKnown) {
  return transitions.map(({ from, to, atMs, actor, cause }) => ({
    ...(from === undefined ? {} : { from }),
    ...{ to, at: new Date(atMs).toISOString(), actor, actorParty: nameOf(actor), cause },
  }));
}
