import { PyDict } from "../values/dict.ts";
import { PyGlobal, PyObject } from "../values/objects.ts";
import { PySet } from "../values/set.ts";
import type { MachineOptions } from "./objects.ts";

/**
 * V8 drops optimised code once no instance of a class that it was made for is alive, and a full collection between two decodes
 * would leave none. These stay: 1.5x on large files, 2x and more on small ones.
 */
const values: readonly object[] = [new PyDict(), new PySet(), new PyObject("call", null, []), new PyGlobal("", "")];

/** Likewise one machine of each class, which holds nothing of anybody's: 2x to 4x where each decode has options of its own, or is of a stream. */
const machines = new Map<object, object>();

/** Sees to it that a machine of the class stays alive. */
export function keepAlive(type: new (options: MachineOptions) => object, options: MachineOptions): void {
	if (machines.has(type)) return;
	machines.set(type, values);
	const nobodys = { persistentLoad: undefined, buffers: undefined, extensions: new Map(), resolver: () => undefined };
	machines.set(type, new type({ ...options, ...nobodys }));
}
