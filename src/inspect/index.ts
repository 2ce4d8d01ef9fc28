/* Entry "picklet/inspect": looks into pickles without decoding them. */
export type { ByteSource } from "../bytes/source.ts";
export { PickleError } from "../errors.ts";
export {
	type Instruction,
	type InstructionArgument,
	type InstructionsOptions,
	instructions,
} from "./instructions.ts";
