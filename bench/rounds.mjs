/**
 * Takes one sample of each subject, then one of each again, and so on: whatever the machine does besides, it does to all
 * of them. Every round starts with another subject, so that none always comes after the same one.
 *
 * @template Sample
 * @param {Record<string, () => Promise<Sample>>} subjects
 * @param {number} rounds
 * @returns {Promise<Record<string, Sample[]>>}
 */
export async function interleave(subjects, rounds) {
  const entries = Object.entries(subjects)
  /** @type {Record<string, Sample[]>} */
  const samples = Object.fromEntries(entries.map(([name]) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const [name, take] = /** @type {typeof entries[number]} */ (entries[(round + turn) % entries.length])
      samples[name]?.push(await take())
    }
  }
  return samples
}

/**
 * The same, and after that more rounds of those alone whose ratio is held against a target: a few rounds tell one library
 * from another, not 0.95 from 0.97. Their samples come last, so that those of one round still stand at one place.
 *
 * @template Sample
 * @param {Record<string, () => Promise<Sample>>} subjects
 * @param {{ rounds: number, judged: readonly string[], more: number }} settings
 * @returns {Promise<Record<string, Sample[]>>}
 */
export async function interleaveJudged(subjects, { rounds, judged, more }) {
  const all = await interleave(subjects, rounds)
  const few = Object.fromEntries(Object.entries(subjects).filter(([name]) => judged.includes(name)))
  for (const [name, samples] of Object.entries(await interleave(few, more))) all[name]?.push(...samples)
  return all
}

/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} low a quarter of the samples lies below
 * @property {number} high a quarter of the samples lies above
 * @property {readonly number[]} samples in the order of the rounds
 *
 * @param {readonly number[]} samples
 * @returns {Summary}
 */
export function summary(samples) {
  const sorted = [...samples].sort((one, other) => one - other)
  const [low, median, high] = [0.25, 0.5, 0.75].map((part) => quantile(sorted, part))
  return { median: median ?? Number.NaN, low: low ?? Number.NaN, high: high ?? Number.NaN, samples }
}

/**
 * How many times the bound: the median of what the rounds say, each with its own bound. The ratio of both medians says
 * the same on a machine of one speed; one that changes its speed within a run pulls those apart, and not this.
 *
 * @param {Summary} measured
 * @param {Summary} bound
 */
export function ratio(measured, bound) {
  return summary(measured.samples.map((sample, round) => sample / (bound.samples[round] ?? Number.NaN)))
    .median
}

/**
 * What the one takes more than the other, round by round.
 *
 * @param {Summary} measured
 * @param {Summary} bound
 */
export function difference(measured, bound) {
  return summary(measured.samples.map((sample, round) => sample - (bound.samples[round] ?? Number.NaN)))
}

/**
 * @param {readonly number[]} sorted
 * @param {number} part
 */
export function quantile(sorted, part) {
  const at = (sorted.length - 1) * part
  const [below, above] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN]
  return below + (above - below) * (at - Math.floor(at))
}
