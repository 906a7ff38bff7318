/** To its leaves: a request that changes its claims must not change those of the next one. */
export function frozen<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) if (typeof member === "object" && member !== null) frozen(member)
  return Object.freeze(value)
}
