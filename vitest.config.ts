import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));
const results = process.env["PICKLET_TEST_RESULTS"];

export default defineConfig({
	resolve: {
		alias: [
			{ find: /^picklet$/, replacement: source("index.ts") },
			{ find: /^picklet\/core$/, replacement: source("core.ts") },
			{ find: /^picklet\/(numpy|node|inspect)$/, replacement: source("$1/index.ts") },
		],
	},
	test: {
		include: ["test/**/*.test.ts"],
		globalSetup: "test/support/globalSetup.ts",
		pool: "forks",
		maxWorkers: "100%",
		// Pyodide takes some five seconds to start, a Python with numpy one.
		testTimeout: 30_000,
		hookTimeout: 60_000,
		reporters: results === undefined ? ["default"] : ["default", ["json", { outputFile: results }]],
		coverage: {
			provider: "v8",
			include: ["src/**/*.ts"],
			reporter: ["text", "html"],
			thresholds: { lines: 95 },
		},
	},
});
