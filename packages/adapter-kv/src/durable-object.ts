/**
 * The Durable Object class that {@link MortiseObject} is. A host exports it from its Worker and names it in its
 * wrangler file; only a Worker can load this module.
 */
export { MortiseObject } from "./objects/mortise-object.js"
export type { ObjectSql, ObjectState, SqlRows, SqlValue } from "./objects/object-state.js"
