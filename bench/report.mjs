import { ratio } from "./rounds.mjs"

/**
 * @typedef {import("./rounds.mjs").Summary} Summary
 *
 * @typedef {object} Conditions
 * @property {boolean} quick a short run: the order of magnitude, no verdict
 * @property {string} redisUrl
 * @property {string} postgresUrl
 *
 * @typedef {object} Target
 * @property {string} what
 * @property {string} limit
 * @property {string} value
 * @property {string} [floor] what the same is by hand, in this run and on this machine: no library can be better
 * @property {boolean} met
 *
 * @typedef {object} Table
 * @property {string} title
 * @property {string} note how it was measured
 * @property {readonly string[]} columns
 * @property {readonly (readonly string[])[]} rows
 * @property {readonly Target[]} targets
 */

/**
 * Median of nanoseconds, and between what half of them lie, in microseconds.
 *
 * @param {Summary} summary
 */
export function micros({ median, low, high }) {
  return spread(median / 1000, low / 1000, high / 1000, "µs")
}

/**
 * The same for numbers of any unit.
 *
 * @param {Summary} summary
 * @param {string} unit
 */
export function amount({ median, low, high }, unit) {
  return spread(median, low, high, unit)
}

/**
 * @param {number} median
 * @param {number} low
 * @param {number} high
 * @param {string} unit
 */
function spread(median, low, high, unit) {
  return `${short(median)} ${unit} (${short(low)}–${short(high)})`
}

/**
 * How many times the bound, round by round.
 *
 * @param {Summary} summary
 * @param {Summary} bound
 */
export function times(summary, bound) {
  return short(ratio(summary, bound))
}

/**
 * Three digits that count.
 *
 * @param {number} number
 */
export function short(number) {
  if (number >= 1000) return Math.round(number).toLocaleString("en")
  return number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2)
}

/**
 * @param {string} what
 * @param {number} value
 * @param {number} limit
 * @param {string} unit
 * @param {number} [floor]
 * @returns {Target}
 */
export function atMost(what, value, limit, unit, floor) {
  const told = floor === undefined ? {} : { floor: short(floor) }
  return { what, limit: `≤ ${limit} ${unit}`, value: `${short(value)} ${unit}`, met: value <= limit, ...told }
}

/**
 * @param {string} what
 * @param {number} value
 * @param {number} limit
 * @param {string} unit
 * @param {number} [floor]
 * @returns {Target}
 */
export function atLeast(what, value, limit, unit, floor) {
  const told = floor === undefined ? {} : { floor: short(floor) }
  return { what, limit: `≥ ${limit} ${unit}`, value: `${short(value)} ${unit}`, met: value >= limit, ...told }
}

/**
 * The tables as a page of Markdown, verdicts first.
 *
 * @param {{ facts: readonly (readonly [string, string])[], setups: readonly (readonly [string, string])[], tables: readonly Table[] }} results
 */
export function page({ facts, setups, tables }) {
  const targets = tables.flatMap((table) => table.targets)
  return [
    "# Results",
    "",
    "Written by `npm run bench`; how it is measured stands in [README.md](README.md). Medians of interleaved rounds; in brackets",
    "the range that holds the middle half of them. A ratio is taken within each round, then its median over all rounds.",
    "Those that a target is about took more rounds than the others of their table: their ratio says how far they are from the bound,",
    "not from a row that took fewer. The last column is the same by hand in the same run, on the targets that have such a row: what this",
    "machine leaves room for. By hand has no errors, no realms, no rules and no choice of store.",
    "",
    "## Machine",
    "",
    ...grid(["", ""], facts),
    "",
    "## Targets",
    "",
    ...grid(
      ["", "target", "measured", "", "by hand"],
      targets.map(({ what, limit, value, met, floor = "" }) => [
        what,
        limit,
        value,
        met ? "met" : "**missed**",
        floor,
      ]),
    ),
    ...tables.flatMap(({ title, note, columns, rows }) => [
      "",
      `## ${title}`,
      "",
      note,
      "",
      ...grid(columns, rows),
    ]),
    "",
    "## Who is compared, and how it is set up",
    "",
    ...grid(["", ""], setups),
    "",
  ].join("\n")
}

/**
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows
 */
function grid(columns, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`
  const rule = columns.map((_, index) => (index === 0 ? "---" : "--:"))
  return [line(columns), line(rule), ...rows.map(line)]
}
