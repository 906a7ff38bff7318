/**
 * The application behind an entry of `app.use("/part", otherApp)`, which Express hides in a function. Before it looks at a request it makes it one
 * of its own, by its prototype, and that is when it is seen: none of its handlers ever runs. Undefined for any other function.
 * @throws Error if it does not show
 */
export function mountedApp(handle: object): object | undefined {
  if (typeof handle !== "function" || handle.name !== "mounted_app") return undefined
  let app: unknown
  const outer = { request: Object.prototype, response: Object.prototype }
  const request = new Proxy(
    { method: "GET", url: "/", query: {}, app: outer },
    {
      setPrototypeOf(target, prototype) {
        app ??= prototype && Reflect.get(prototype, "app")
        // Without a path none of its entries is for it.
        Reflect.deleteProperty(target, "url")
        return true
      },
    },
  )
  let passed = false
  const next = (): void => {
    passed = true
  }
  Reflect.apply(handle, undefined, [request, { setHeader() {} }, next])
  if (typeof app === "function") return app
  // In Express 4 one without any route passes a request on as it is.
  if (passed) return { stack: [] }
  throw new Error("routesOf(app): a mounted application does not show.")
}
