import { type ByteSource, type SourceInput, sourceOf } from "../bytes/source.ts";
import { type OpenPickleOptions, openOne, PickleFile } from "../codec/open.ts";
import { Sessions } from "../codec/session.ts";
import { standardReducers } from "../reducers/standard.ts";
import type { PyValue } from "../values/value.ts";
import { repair } from "./repair/repair.ts";
import type { Loss, Repair } from "./repair/result.ts";

const sessions = new Sessions(standardReducers);

/** What is left of a damaged pickle. Large arrays and payloads stay where they are until they are asked for. */
export class SalvagedFile<T = PyValue> extends PickleFile<T> {
	/** Bundlers rename classes; a field of this name would make `instanceof` slow, 1.06x on W10. */
	static override get name(): string {
		return "SalvagedFile";
	}
	/** What was done for it; `result` is the pickle that was read. */
	readonly repair: Repair;
	readonly #opened: ByteSource;

	constructor({ value, source }: PickleFile<T>, done: Repair, opened: ByteSource) {
		super(value, source);
		this.repair = done;
		this.#opened = opened;
	}

	/** What could not be kept, and where; empty if nothing is lost. */
	get losses(): readonly Loss[] {
		return this.repair.losses;
	}

	/** Closes the source that it was opened from. */
	override async close(): Promise<void> {
		await this.#opened.close?.();
	}
}

/**
 * Opens what can still be read of a damaged file, as `openPickle` opens a whole one: `repair` with `salvage` makes a pickle of it,
 * in which arrays of 64 KiB and more are LazyNDArrays over what is left of them. The file is not changed. A file without damage
 * is opened as it is.
 *
 * @typeParam T what the caller expects of the pickle: taken on trust, nothing checks it
 * @throws PickleError E_SOURCE if the source cannot be read; as `openPickle` if nothing is left, or what is left cannot be read
 * @throws TypeError for an unknown option, or what is no source
 */
export async function openSalvaged<T = PyValue>(
	source: SourceInput,
	{ signal, ...options }: OpenPickleOptions = {},
): Promise<SalvagedFile<NoInfer<T>>> {
	const session = sessions.open(options);
	const opened = sourceOf(source);
	const done = await repair(opened, undefined, { salvage: true, ...(options.limits && { limits: options.limits }) });
	signal?.throwIfAborted();
	return new SalvagedFile((await openOne(done.result, session, signal)) as PickleFile<T>, done, opened);
}
