import assert from "node:assert/strict";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Uuid } from "@p8e/core";
import type * as cosmos from "@p8e/proto/cosmos";
import { CallRefused } from "./endpoint.ts";
import { type Family, family, owner, writeFamily, writeScope } from "./messages.ts";
import type { Actor } from "./transaction.ts";
import { codeOf, type Outcome, type Overrides, type World } from "./world.ts";

/** One numbered case of the ledger's conformance plan. A case makes what it needs itself and leaves no expectations. */
export interface ConformanceCase {
  readonly number: number;
  /** States a fact. */
  readonly title: string;
  readonly run: (stage: Stage) => Promise<void>;
}

/**
 * What all cases share: A and B have signed before, C has funds and never signed, and the specifications are there.
 * Expectations compare codes, decoded state and events, never log texts or gas.
 */
export class Stage {
  readonly world: World;
  readonly a: Actor;
  readonly b: Actor;
  readonly c: Actor;
  readonly specification: Family;

  private constructor(world: World, actors: { a: Actor; b: Actor; c: Actor }, specification: Family) {
    this.world = world;
    this.a = actors.a;
    this.b = actors.b;
    this.c = actors.c;
    this.specification = specification;
  }

  static async set(world: World): Promise<Stage> {
    const [a, b, c] = [await world.warmActor(), await world.warmActor(), await world.silentActor()];
    const specification = family(world.uuid(), world.uuid());
    await world.succeed([a], writeFamily(specification, a));
    return new Stage(world, { a, b, c }, specification);
  }

  /** Refused at the broadcast. */
  async refused(
    code: string,
    actors: readonly Actor[],
    messages: readonly Any[],
    overrides?: Overrides,
  ): Promise<void> {
    const outcome = await this.world.submit(actors, messages, overrides);
    assert.equal(outcome.code, code, `broadcast: ${outcome.log}`);
  }

  /** Accepted at the broadcast, failed in its block. */
  async failed(
    code: string,
    actors: readonly Actor[],
    messages: readonly Any[],
    overrides?: Overrides,
  ): Promise<Outcome> {
    const outcome = await this.world.submit(actors, messages, overrides);
    assert.equal(outcome.code, "ok", `broadcast: ${outcome.log}`);
    assert.equal(codeOf(outcome.response), code, `execution: ${outcome.response?.rawLog}`);
    return outcome;
  }

  async succeeded(
    actors: readonly Actor[],
    messages: readonly Any[],
    overrides?: Overrides,
  ): Promise<cosmos.abci.TxResponse> {
    const outcome = await this.failed("ok", actors, messages, overrides);
    assert.ok(outcome.response);
    return outcome.response;
  }

  /** A new scope owned by A, and by others when given. */
  async scope(owners: readonly Actor[] = [this.a], change: Parameters<typeof writeScope>[4] = {}): Promise<Uuid> {
    const uuid = this.world.uuid();
    const parties = owners.map((each) => owner(each));
    await this.succeeded([this.a], [writeScope(this.specification, uuid, parties, [this.a], change)]);
    return uuid;
  }
}

/** The types of a transaction's events, message events without their fee and signature companions. */
export function metadataEvents(response: cosmos.abci.TxResponse): string[] {
  return response.events
    .map(({ type }) => type)
    .filter((type) => type.startsWith("provenance.metadata.v1."))
    .map((type) => type.slice("provenance.metadata.v1.".length));
}

/** The attributes of each event of this type, by name. */
export function attributesOf(response: cosmos.abci.TxResponse, type: string): Record<string, string>[] {
  return response.events
    .filter((event) => event.type === type)
    .map(({ attributes }) => Object.fromEntries(attributes.map(({ key, value }) => [key, value])));
}

/** The query is refused with this gRPC status, and its text names codespace and code when they are given. */
export async function queryRefused(
  query: Promise<unknown>,
  status: number,
  chainCode?: { readonly codespace: string; readonly code: number },
): Promise<void> {
  await assert.rejects(query, (error) => {
    assert.ok(error instanceof CallRefused, String(error));
    assert.equal(error.status, status, error.message);
    if (chainCode !== undefined) {
      assert.match(error.message, new RegExp(`codespace ${chainCode.codespace} code ${chainCode.code}\\b`));
    }
    return true;
  });
}
