// How a node tells its types, and how its messages say who must sign them.
export { signer } from "./gen/cosmos/msg/v1/msg_pb.ts";
export {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from "./gen/grpc/reflection/v1alpha/reflection_pb.ts";
