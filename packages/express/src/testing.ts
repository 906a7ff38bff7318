/** For tests of a host: what its application answers, and which guards stand before it. Reads what Express keeps of an application, and sends nothing. */
export { type RoutesOptions, routesOf } from "./testing/routes-of.js"
