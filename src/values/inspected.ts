/** The function that Node hands to `nodejs.util.inspect.custom` methods. */
export type Inspect = (value: unknown, options: object) => string;

/** What is being shown now: what comes again below itself is a cycle, which Node cannot see through methods of ours. */
const open = new Set<object>();

/** What Node shows for a value: its content, a Map, Set or plain object, under the value's own name. */
export function inspected(
	value: object,
	name: string,
	content: () => object,
	depth: number | null,
	options: object,
	inspect: Inspect,
): string {
	if (open.has(value)) return "[Circular]";
	if (depth !== null && depth < 0) return `[${name}]`;
	open.add(value);
	try {
		const text = inspect(content(), { ...options, depth });
		return name + text.replace(/^(Map|Set)\b|^/, text.startsWith("{") ? " " : "");
	} finally {
		open.delete(value);
	}
}
