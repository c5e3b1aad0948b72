export { findNodeProgram, type NodeProgram, PROGRAM_VARIABLE, RELEASE_PAGE } from "./find-program.ts";
export { type HomeOptions, type MessagePrice, makeFollowerHome, makeValidatorHome } from "./node-home.ts";
export { freeNodePorts, type NodePorts, NodeProcess, type NodeProcessOptions } from "./node-process.ts";
