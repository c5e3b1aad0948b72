// Package `p8e.mailbox.v1`: what our stores offer beside the original's mailbox.
export * from "./gen/p8e/mailbox/v1/mailbox_pb.ts";
