-- Objects whose stored bytes were found missing or damaged, until they are whole again; and how often other stores were asked
-- for them. p8e_scrub: how far the round is that reads every object again, `after` the last one that was looked at.
CREATE TABLE p8e_object_damage (
  object_uuid     uuid        PRIMARY KEY,
  kind            text        NOT NULL CHECK (kind IN ('missing', 'damaged')),
  reason          text        NOT NULL,
  found_at        timestamptz NOT NULL DEFAULT now(),
  repair_attempts integer     NOT NULL DEFAULT 0,
  repair_failure  text,
  next_repair_at  timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE p8e_scrub (
  singleton       boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
  after           uuid,
  round_began_at  timestamptz NOT NULL DEFAULT now(),
  round_ended_at  timestamptz,
  objects_checked bigint      NOT NULL DEFAULT 0,
  bytes_checked   bigint      NOT NULL DEFAULT 0
);
INSERT INTO p8e_scrub DEFAULT VALUES;
