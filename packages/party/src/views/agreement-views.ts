import type { Agreement, Approval, RequestedSession, Transition } from "@p8e/sdk";

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

/** An own session that several sign, as it is remembered. */
export function agreementView({ uuid, state, deadlineMs, signers, reason }: Agreement) {
  return {
    ...{ execution: uuid, role: "invoker", state, deadline: new Date(deadlineMs).toISOString() },
    ...(reason === undefined ? {} : { reason }),
    signers: signers.map(({ address, stand }) => ({ address, stand })),
  };
}

/** Another party's session that this one is asked to sign, as it is remembered. */
export function approvalView({ uuid, state, deadlineMs, invoker, contract, reason }: Approval) {
  return {
    ...{ execution: uuid, role: "approver", state, deadline: new Date(deadlineMs).toISOString(), invoker, contract },
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The steps of a session, in order. */
export function transitionViews(transitions: readonly Transition[]) {
  return transitions.map(({ from, to, atMs, actor, cause }) => ({
    ...(from === undefined ? {} : { from }),
    ...{ to, at: new Date(atMs).toISOString(), actor, cause },
  }));
}
