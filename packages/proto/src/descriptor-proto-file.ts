/** The runtime carries descriptor.proto without its file options; these are the ones it has. */
export const descriptorProtoFile = {
  name: "google/protobuf/descriptor.proto",
  javaPackage: "com.google.protobuf",
  javaOuterClassname: "DescriptorProtos",
} as const;
