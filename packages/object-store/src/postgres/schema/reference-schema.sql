-- The tables of the reference server after its seventeen migrations, as one piece: for a fresh database.
-- Released: never edit this file.

CREATE TYPE key_type AS ENUM ('secp256k1');
CREATE TYPE auth_type AS ENUM ('header');

CREATE TABLE public_key (
  uuid            uuid        PRIMARY KEY,
  public_key      text        NOT NULL,
  public_key_type key_type    NOT NULL,
  url             text        NOT NULL,
  metadata        bytea,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  auth_type       auth_type,
  auth_data       text
);
CREATE UNIQUE INDEX public_key_key_unq_idx ON public_key (public_key);

CREATE TABLE object (
  uuid           uuid        PRIMARY KEY,
  hash           text        NOT NULL,
  unique_hash    text        NOT NULL,
  content_length bigint      NOT NULL,
  dime_length    bigint      NOT NULL,
  directory      text        NOT NULL DEFAULT to_char(current_date, 'YYYYMMDD'),
  name           text        NOT NULL,
  payload        bytea,
  created_at     timestamptz NOT NULL DEFAULT now(),
  dime_uuid      uuid        NOT NULL,
  properties     text
);
CREATE UNIQUE INDEX object_unique_hash_idx ON object (md5(unique_hash));
CREATE INDEX object_metadata_idx ON object (created_at, content_length) WHERE directory <> 'NOT_STORAGE_BACKED';

CREATE TABLE object_public_key (
  object_uuid uuid        NOT NULL,
  hash        text        NOT NULL,
  public_key  text        NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (object_uuid, public_key),
  CONSTRAINT fk_object_uuid_opk FOREIGN KEY (object_uuid) REFERENCES object (uuid)
);
CREATE INDEX object_public_key_hash_idx ON object_public_key (hash);
CREATE INDEX object_public_key_public_key_idx ON object_public_key (public_key);

CREATE TABLE mailbox_public_key (
  uuid         uuid        NOT NULL,
  object_uuid  uuid        NOT NULL,
  public_key   text        NOT NULL,
  message_type text        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  acked_at     timestamptz,
  PRIMARY KEY (object_uuid, public_key, message_type),
  CONSTRAINT fk_object_uuid_opk FOREIGN KEY (object_uuid) REFERENCES object (uuid)
);
CREATE INDEX mailbox_public_key_uuid_idx ON mailbox_public_key (uuid);
CREATE INDEX mailbox_public_key_sorted_idx ON mailbox_public_key (public_key) WHERE acked_at IS NULL;

CREATE TABLE object_replication (
  uuid          uuid        NOT NULL,
  object_uuid   uuid        NOT NULL,
  public_key    text        NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  replicated_at timestamptz,
  PRIMARY KEY (object_uuid, public_key)
);
CREATE INDEX object_replication_uuid_idx ON object_replication (uuid);
CREATE INDEX object_replication_public_key_sorted_idx ON object_replication (public_key) WHERE replicated_at IS NULL;
CREATE INDEX object_replication_status_idx ON object_replication (object_uuid, public_key, replicated_at);
CREATE INDEX object_replication_replicated_at_idx ON object_replication (replicated_at)
  WHERE replicated_at IS NOT NULL;
