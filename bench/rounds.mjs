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
 * @typedef {{ median: number, low: number, high: number }} Summary half of all samples lie between low and high
 *
 * @param {readonly number[]} samples
 * @returns {Summary}
 */
export function summary(samples) {
  const sorted = [...samples].sort((one, other) => one - other)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) }
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
