-- Where the objects lie that are not in the database, since they were moved there; null: where the configuration says.
-- moving_to is set while they are copied, and p8e_moved_object has what is there already, verified: an object that was
-- repaired afterwards is copied again.
ALTER TABLE p8e_store ADD COLUMN storage text, ADD COLUMN moving_to text;
CREATE TABLE p8e_moved_object (
  object_uuid    uuid    PRIMARY KEY,
  repair_version integer NOT NULL
);
