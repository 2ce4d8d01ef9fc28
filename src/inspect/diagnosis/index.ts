/* What "picklet/inspect" has of diagnosis. */
export { type DiagnoseOptions, diagnose } from "./diagnose.ts";
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
} from "./diagnosis.ts";
export { type ReportOptions, reportText } from "./report.ts";
