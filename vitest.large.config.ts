import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Tests that need gigabytes of memory and disk: one after another. */
export default mergeConfig(
	defineConfig({ ...base, test: { ...base.test, include: [] } }),
	defineConfig({
		test: { include: ["test/**/*.large.ts"], fileParallelism: false, testTimeout: 1_200_000, hookTimeout: 1_200_000 },
	}),
);
