/** Advice of the library, which names its functions and options, and what it is on the command line. */
const advices: readonly (readonly [RegExp, string])[] = [
	[/decodeFirst takes the first .*$/, "picklet show prints them all"],
	[/raise (maxDepth)$/, "raise --depth"],
	[/raise (maxCopies) if that is meant$/, "picklet show without --json prints each once"],
	[
		/raise limits\.(\w+) if the file can be trusted/,
		"a program can raise the library's limits.$1 if the file can be trusted",
	],
	[/encoding: "latin1" or "bytes"/, "--encoding latin1 or bytes"],
	[/binstring: "unsigned" takes it so/, "picklet diagnose says what became of it"],
	[
		/pass all of them, in order, as options\.buffers/,
		"they lie in files of their own, which a program passes as the library's option buffers",
	],
	[/overflow: "(promote|split)" (writes .*?)(; so does protocol: 4)?(?=$|;)/g, "--overflow $1 $2"],
	[/overflow: "split" is for python: 2/, "--overflow split is for --python 2"],
	[/; (openPickle|encodeChunks|writePickle) .*$/, ""],
	[/^option (\w+) is/, "--$1 is"],
];

/** A message of the library in the command's words. */
export function commandText(message: string): string {
	return advices.reduce((text, [advice, own]) => text.replace(advice, own), message);
}
