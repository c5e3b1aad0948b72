-- no transaction
-- Mail is handed out oldest first.
CREATE INDEX CONCURRENTLY p8e_mailbox_open_idx ON mailbox_public_key (public_key, created_at, uuid)
  WHERE acked_at IS NULL;
