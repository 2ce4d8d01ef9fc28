/* What runs in a process of its own: decodes a file's bytes in every way, and says how each ended. */
import { readFileSync } from "node:fs";
import { alive, answerRequests } from "../answerRequests.ts";
import { cutsOf } from "./cuts.ts";
import { type Call, decodeBy, decodeOutcome, type Outcome, outcomeText, streamOutcome } from "./outcome.ts";
import { type Printed, printed } from "./printing.ts";
import { watchPrototypes } from "./prototypes.ts";

export interface Request {
	/** `"decode"` the file, whole and as streams; or all its `"cuts"`. */
	readonly task: "decode" | "cuts";
	readonly file: string;
	readonly call: Call;
}

export interface Answer {
	/** Of the whole file, by `decode`. */
	readonly outcome?: Outcome;
	/** Of the value, if there is one. */
	readonly printed?: Printed;
	/** How many times something was decoded. */
	readonly decodes: number;
	/** What differs from the whole file's outcome, or is no PickleError. */
	readonly failures: readonly string[];
	/** Prototypes that are not what they were. */
	readonly polluted: readonly string[];
	/** The most memory that the process has had so far. */
	readonly megabytes: number;
}

/** Sizes of chunks: no power of two, and one byte where that does not take ages. */
const SMALL_CHUNKS = [1, 7, 61];
const LARGE_CHUNKS = [4093, 65_537];
const SMALL_INPUT = 65_536;
/** The chunks of cut inputs of up to so many bytes, and which share of the cuts is tried as a stream too. */
const CUT_STREAMS = [
	{ upTo: 2048, chunk: 7, oneIn: 1 },
	{ upTo: SMALL_INPUT, chunk: 251, oneIn: 4 },
	{ upTo: Number.POSITIVE_INFINITY, chunk: 65_537, oneIn: 20 },
];

const polluted = watchPrototypes();

answerRequests<Request, Answer>(async ({ task, file, call }) => {
	const bytes = new Uint8Array(readFileSync(file));
	const { failures, ...found } = await (task === "decode" ? wholeFile(call, bytes) : cuts(call, bytes));
	const megabytes = process.resourceUsage().maxRSS / 1024;
	return { ...found, failures: failures.slice(0, 20), polluted: polluted(), megabytes };
});

type Found = Pick<Answer, "outcome" | "printed" | "decodes" | "failures">;

async function wholeFile(call: Call, bytes: Uint8Array): Promise<Found> {
	const outcome = decodeOutcome(call, bytes);
	alive();
	const failures: string[] = [];
	const chunks = call === "decode" ? [] : bytes.length <= SMALL_INPUT ? SMALL_CHUNKS : LARGE_CHUNKS;
	const ways = chunks.flatMap((chunk) => [{ chunk }, { chunk, size: bytes.length }]);
	for (const { chunk, size } of ways as { chunk: number; size?: number }[]) {
		await expectSameOfStream(failures, { call, bytes, chunk, size }, outcome);
	}
	const shown =
		outcome.code === undefined && outcome.foreign === undefined ? printed(decodeBy(call, bytes)) : undefined;
	return { outcome, failures, decodes: 1 + ways.length, ...(shown && { printed: shown }) };
}

async function cuts(call: Call, bytes: Uint8Array): Promise<Found> {
	const failures: string[] = [];
	const lengths = cutsOf(bytes);
	const { chunk, oneIn } = CUT_STREAMS.find(({ upTo }) => bytes.length <= upTo) as (typeof CUT_STREAMS)[number];
	for (const [i, length] of lengths.entries()) {
		const cut = bytes.slice(0, length);
		const outcome = decodeOutcome(call, cut);
		if (outcome.foreign !== undefined) failures.push(`cut at ${length}: ${outcomeText(outcome)}`);
		alive();
		if (call === "decode" || i % oneIn > 0) continue;
		await expectSameOfStream(failures, { call, bytes: cut, chunk }, outcome);
	}
	return { failures, decodes: lengths.length };
}

interface StreamWay {
	readonly call: Call;
	readonly bytes: Uint8Array;
	readonly chunk: number;
	readonly size?: number | undefined;
}

async function expectSameOfStream(
	failures: string[],
	{ call, bytes, chunk, size }: StreamWay,
	whole: Outcome,
): Promise<void> {
	const streamed = await streamOutcome(call, bytes, chunk, size);
	alive();
	const [found, wanted] = [outcomeText(streamed), outcomeText(whole)];
	const way = `${bytes.length} bytes in chunks of ${chunk}${size === undefined ? "" : " with size"}`;
	if (found !== wanted) failures.push(`${way}: ${found}, at once: ${wanted}`);
}
