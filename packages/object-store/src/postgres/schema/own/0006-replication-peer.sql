-- A peer that answers and refuses whatever it is sent, and one that a person has paused: nothing is sent to it until a person
-- resumes it. peer_refusals counts for an object the answers that say more of the peer than of the object: they set nothing aside.
ALTER TABLE p8e_replication_peer
  ADD COLUMN refusing  boolean NOT NULL DEFAULT false,
  ADD COLUMN paused_at timestamptz;
ALTER TABLE p8e_replication_queue ADD COLUMN peer_refusals integer NOT NULL DEFAULT 0;
