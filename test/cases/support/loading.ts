import { attempt } from "./child.ts";

/** For a script of `inChild`: what loads a bundle whose description is written by hand, and `attempt`. */
export const loading = `${attempt}
import { FieldDescriptorProto_Label as L, FieldDescriptorProto_Type as T } from "@bufbuild/protobuf/wkt";
import { hashContent } from "@p8e/core";
import { loadContract, openSandbox } from "@p8e/engine";
import { describing, hostileBundle } from "./test/cases/support/hostile-bundle.ts";
const load = async (bundle) => { await using sandbox = openSandbox(); return await loadContract(sandbox, bundle, hashContent(bundle)); };
const text = (description) => JSON.stringify(description);
`;
