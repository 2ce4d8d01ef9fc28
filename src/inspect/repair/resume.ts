import * as op from "../../opcodes/table.ts";
import { resumptions } from "../diagnosis/faults/resume.ts";
import type { Interpreter } from "../diagnosis/interpreter.ts";
import { GlobalName } from "../diagnosis/values.ts";
import { interpret, Reader, readAt, type SizedSource } from "../diagnosis/window.ts";
import { plural } from "../diagnosis/words.ts";
import { part } from "../diagnosis/zip.ts";
import { Bridged } from "./bridged.ts";
import { doubtfulLosses } from "./doubtful.ts";
import { FrameFindings } from "./frames.ts";
import { type Patch, patched } from "./patched.ts";
import type { Loss } from "./result.ts";
import { littleEndian } from "./shape.ts";
import type { Step } from "./step.ts";

/** Files up to here are tried with what may stand for the damage. */
const MAX_TRIED = 1 << 24;

/** FRAME and its 8-byte length. */
const HEADER = 9;

/** What may stand for damaged bytes: one value, none, or two. */
const bridges: readonly (readonly number[])[] = [[op.NONE], [], [op.NONE, op.NONE], [op.POP]];

/** Where damage begins, and where it was found: it goes on to somewhere behind that. */
interface Damage {
	readonly offset: number;
	readonly behind: number;
}

/** The pickle with the damaged bytes replaced, if what follows them goes on to a STOP that ends the file. */
export async function resynchronized(
	source: SizedSource,
	failing: Interpreter,
	{ offset, behind }: Damage,
): Promise<Step | undefined> {
	const { failure } = failing;
	if (source.size > MAX_TRIED || failing.start > 0 || offset >= source.size) return undefined;
	// A length that damage made too large looks like an early end.
	if (failure?.kind === "end" && failure.payload === undefined) return undefined;
	const bytes = await readAt(source, 0, source.size);
	const frame = nextFrame(bytes, behind + 1);
	const places = placesIn(bytes, behind, failure?.kind !== "end", frame);
	if (places.length === 0) return undefined;
	const findings = new FrameFindings();
	const before = await interpret(new Reader(part(source, 0, offset)), 0, { findings });
	if (before.failure?.kind !== "end" || before.failure.offset !== offset) return undefined;
	for (const place of places) {
		for (const bridge of [...bridges, ...callBridges(before)]) {
			const step = crossed(source, bytes, before, { offset, place, bridge, next: frame });
			if (step) return { ...step, losses: [...(step.losses ?? []), ...doubtfulLosses(findings, offset)] };
		}
	}
	return undefined;
}

/** What lets go of a call that was begun, with its arguments: None stands for what it was to give. */
function callBridges({ stack, marks, fence }: Interpreter): (readonly number[])[] {
	if (marks.length > 0 && stack[fence - 1] instanceof GlobalName) return [[op.POP_MARK, op.POP, op.NONE]];
	const at = stack.findLastIndex((value) => value instanceof GlobalName);
	const count = stack.length - at;
	return at < fence || count > MAX_ARGUMENTS ? [] : [[...new Array<number>(count).fill(op.POP), op.NONE]];
}

/** Arguments and the name of a call without a mark. */
const MAX_ARGUMENTS = 4;

/** Bytes that are read to find out where the pickle goes on, and places that are tried. */
const MAX_READ = 1 << 27;
const MAX_PLACES = 24;

function placesIn(bytes: Uint8Array, offset: number, isEnd: boolean, frame: number | undefined): number[] {
	const trials = Math.max(1, Math.min(MAX_PLACES, Math.floor(MAX_READ / bytes.length / bridges.length / 2)));
	const places: number[] = [];
	for (const place of resumptions(bytes.subarray(offset), isEnd)) {
		if (places.push(offset + place) === trials) break;
	}
	if (frame !== undefined && !places.includes(frame)) places.push(frame);
	return places;
}

interface Crossing {
	readonly offset: number;
	/** Where the pickle goes on. */
	readonly place: number;
	readonly bridge: readonly number[];
	/** The first frame that surely begins behind the damage. */
	readonly next: number | undefined;
}

function crossed(
	source: SizedSource,
	bytes: Uint8Array,
	before: Interpreter,
	{ offset, place, bridge, next }: Crossing,
): Step | undefined {
	const lost = place - offset;
	const why = `${plural(lost, "damaged byte")} ${bridge.length === 0 ? "went" : "became None"}.`;
	const edit = { offset, removed: lost, bytes: Uint8Array.from(bridge), why };
	for (const frame of framePatches(before, edit, place, next ?? source.size)) {
		const edits = frame ? [{ ...frame, why: "The frame is as long as what is left of it." }, edit] : [edit];
		const machine = new Bridged({ offset, codes: bridge }, before, bytes.length + bridge.length - lost);
		machine.readAll(applied(bytes, edits));
		if (machine.isTrue) return { source: patched(source, edits), edits, losses: lossesOf(machine, offset, lost) };
	}
	return undefined;
}

/** Lengths that the frame around the damage may have: none if there is no such frame. */
function framePatches({ findings }: Interpreter, edit: Patch, place: number, next: number): (Patch | undefined)[] {
	const { frameEnd, frameAt } = findings;
	if (frameEnd === undefined) return [undefined];
	const grown = edit.bytes.length - edit.removed;
	// Bytes within it became others; or some went, and it ends where the next begins.
	const ends = [place <= frameEnd ? frameEnd + grown : edit.offset + edit.bytes.length, next + grown];
	return [...new Set(ends)]
		.map((end) => end - frameAt - HEADER)
		.filter((length) => length >= 0)
		.map((length) => ({ offset: frameAt + 1, removed: 8, bytes: Uint8Array.from(littleEndian(length, 8)) }));
}

function applied(bytes: Uint8Array, patches: readonly Patch[]): Uint8Array {
	const pieces: Uint8Array[] = [];
	let at = 0;
	for (const { offset, removed, bytes: inserted } of patches) {
		pieces.push(bytes.subarray(at, offset), inserted);
		at = offset + removed;
	}
	pieces.push(bytes.subarray(at));
	const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
	let end = 0;
	for (const piece of pieces) {
		whole.set(piece, end);
		end += piece.length;
	}
	return whole;
}

function lossesOf(machine: Bridged, offset: number, lost: number): Loss[] {
	const { path, neighbourPath, shifts } = machine;
	const what = `What stood at the ${plural(lost, "byte")} from offset ${offset} on is lost, at ${path}; all that follows is kept, but items of the list or tuple there may stand at other places than they did.`;
	const losses: Loss[] = [{ offset, path, what }];
	if (neighbourPath !== undefined)
		losses.push({
			offset,
			path: neighbourPath,
			what: `What stands at ${neighbourPath} may have lost its items or its state.`,
		});
	for (const { path: around, index } of shifts)
		losses.push({
			offset,
			path: around,
			what: `From index ${index} on, items of ${around} may be missing, stand at other places than they did, or be what was part of another.`,
		});
	return losses;
}

/** Opcodes that stand outside of frames, and what begins the next one. */
const behindFrames: ReadonlySet<number> = new Set([
	op.FRAME,
	op.BINBYTES,
	op.BINBYTES8,
	op.BINUNICODE,
	op.BINUNICODE8,
	op.BYTEARRAY8,
]);

/** The first FRAME from a place on whose end is the pickle's, or where another or a payload outside of frames begins. */
function nextFrame(bytes: Uint8Array, from: number): number | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	for (
		let at = bytes.indexOf(op.FRAME, from);
		at >= 0 && at + HEADER < bytes.length;
		at = bytes.indexOf(op.FRAME, at + 1)
	) {
		if (view.getUint32(at + 5, true) !== 0) continue;
		const end = at + HEADER + view.getUint32(at + 1, true);
		if (end === bytes.length ? bytes[end - 1] === op.STOP : behindFrames.has(bytes[end] ?? 0)) return at;
	}
	return undefined;
}
