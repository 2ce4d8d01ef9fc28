import type { Diagnosis } from "../diagnosis/diagnosis.ts";
import type { SizedSource } from "../diagnosis/window.ts";
import type { Step } from "./step.ts";

export async function salvageStep(_source: SizedSource, _found: Diagnosis): Promise<Step | undefined> {
	return undefined;
}
