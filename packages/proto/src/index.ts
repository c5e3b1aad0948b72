export * as cosmos from "./cosmos.ts";
export * as fees from "./fees.ts";
export * as envelope from "./gen/encryption/encryption_pb.ts";
export * as health from "./gen/grpc/health/v1/health_pb.ts";
export * as metadata from "./metadata.ts";
export * as objectStore from "./object-store.ts";
export * as scope from "./scope.ts";
