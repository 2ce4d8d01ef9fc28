/* Entry "picklet/inspect": looks into pickles without decoding them. */
export type { BytesInput } from "../bytes/plain.ts";
export type { ByteSource, SourceInput } from "../bytes/source.ts";
export { type OpenPickleOptions, PickleFile } from "../codec/open.ts";
export { isPickleError, PickleError, type PickleErrorCode, type PickleErrorDetails } from "../errors.ts";
export type { ArgumentKind, Opcode } from "../opcodes/table.ts";
export { type DiagnoseOptions, diagnose } from "./diagnosis/diagnose.ts";
export type {
	ArrayReport,
	Condition,
	ConditionCode,
	Diagnosis,
	Fault,
	FaultCode,
	FormatReport,
	GlobalReport,
	Mend,
	OverflowReport,
	PayloadReport,
	ReaderReport,
	Statistics,
	Transform,
	Wholeness,
	WriterReport,
} from "./diagnosis/diagnosis.ts";
export { type ReportOptions, reportText } from "./diagnosis/report.ts";
export { type DisassembleOptions, DisassemblyError, disassemble } from "./disassemble.ts";
export {
	type Instruction,
	type InstructionArgument,
	type InstructionsOptions,
	instructions,
} from "./instructions.ts";
export { DisassemblyMemo } from "./machine.ts";
export { optimize } from "./optimize.ts";
export { type RepairOptions, repair } from "./repair/repair.ts";
export type { Choice, Edit, Loss, Refusal, Repair } from "./repair/result.ts";
export { openSalvaged, SalvagedFile } from "./salvaged.ts";
