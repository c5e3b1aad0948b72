-- What an object's stored bytes must be. Rows of `object` without a row here were written by the reference server and
-- are served as they are. chunk_digests: SHA-256 of each chunk of chunk_length bytes (the last may be shorter), joined.
-- repair_version counts how often lost or damaged bytes were replaced by a later upload of the same object.
CREATE TABLE p8e_object_integrity (
  object_uuid    uuid        PRIMARY KEY,
  stored_length  bigint      NOT NULL,
  chunk_length   integer     NOT NULL,
  chunk_digests  bytea       NOT NULL,
  repair_version integer     NOT NULL DEFAULT 0,
  written_at     timestamptz NOT NULL DEFAULT now()
);
