/** The middle value, or the mean of the two middle ones. */
export function median(numbers) {
	const sorted = [...numbers].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function geometricMean(numbers) {
	return Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
}

/**
 * What the rounds of one engine on one workload come to: the median of the rounds' medians, the best iteration, the
 * first call (median over the rounds), processor time likewise, and memory in bytes.
 */
export function summary(rounds) {
	const failed = rounds.find((round) => round.outcome !== "right");
	if (failed) return failed;
	return {
		outcome: "right",
		median: median(rounds.map((round) => median(round.wall))),
		best: Math.min(...rounds.flatMap((round) => round.wall)),
		first: median(rounds.map((round) => round.wall[0])),
		cpu: median(rounds.map((round) => median(round.cpu))),
		peak: median(rounds.map((round) => round.peak)),
		growth: median(rounds.map((round) => round.peak - round.bare)),
	};
}
