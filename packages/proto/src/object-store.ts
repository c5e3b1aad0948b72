// Package `objectstore`: the store's services and the envelope as the store reads it.
export * from "./gen/objectstore/admin_pb.ts";
export * from "./gen/objectstore/dime_pb.ts";
export * from "./gen/objectstore/mailbox_pb.ts";
export * from "./gen/objectstore/object_pb.ts";
export * from "./gen/objectstore/public_key_pb.ts";
export * from "./gen/objectstore/util_pb.ts";
