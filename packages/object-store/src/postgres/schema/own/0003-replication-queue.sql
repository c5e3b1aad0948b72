-- What is still to be sent. `object_replication` stays the record of what must reach whom and when it did; a row here
-- exists while its row there is open, and carries order, attempts and the fate of an object its peer refuses.
CREATE TABLE p8e_replication_queue (
  sequence        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  object_uuid     uuid        NOT NULL,
  public_key      text        NOT NULL,
  enqueued_at     timestamptz NOT NULL DEFAULT now(),
  attempts        integer     NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  refusal         text,
  refused_at      timestamptz,
  dead_at         timestamptz,
  UNIQUE (object_uuid, public_key)
);
CREATE INDEX p8e_replication_queue_open_idx ON p8e_replication_queue (public_key, sequence) WHERE dead_at IS NULL;

-- How each peer is doing, for people: the sender itself keeps its state in memory.
CREATE TABLE p8e_replication_peer (
  url             text        PRIMARY KEY,
  last_success_at timestamptz,
  failing_since   timestamptz,
  failure         text,
  next_probe_at   timestamptz
);
