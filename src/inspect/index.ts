/* Entry "picklet/inspect": looks into pickles without decoding them. */
export type { BytesInput } from "../bytes/plain.ts";
export { isPickleError, PickleError, type PickleErrorCode, type PickleErrorDetails } from "../errors.ts";
export type { ArgumentKind, Opcode } from "../opcodes/table.ts";
export { type DisassembleOptions, DisassemblyError, disassemble } from "./disassemble.ts";
export {
	type Instruction,
	type InstructionArgument,
	type InstructionsOptions,
	instructions,
} from "./instructions.ts";
export { DisassemblyMemo } from "./machine.ts";
export { optimize } from "./optimize.ts";
