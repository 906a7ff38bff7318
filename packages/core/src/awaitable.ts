/**
 * A value that is there, or will be. A session check over memory needs no promise, and each one costs as much as a look-up; so what lies on the
 * way of every request answers at once where it can. `await` takes both.
 */
export type Awaitable<Value> = Value | Promise<Value>

/** Goes on with a value, at once if it is there. */
export function andThen<Value, Next>(
  value: Awaitable<Value>,
  next: (value: Value) => Awaitable<Next>,
): Awaitable<Next> {
  return value instanceof Promise ? value.then(next) : next(value)
}
