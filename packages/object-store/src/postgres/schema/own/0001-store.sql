-- One row: who this store is, and whether it is in maintenance (all its processes follow the row).
CREATE TABLE p8e_store (
  singleton              boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
  identity               uuid        NOT NULL,
  maintenance            boolean     NOT NULL DEFAULT false,
  maintenance_changed_at timestamptz NOT NULL DEFAULT now()
);
