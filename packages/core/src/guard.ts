export type { GuardedRequest } from "./guarded-request.js"
export { type GuardRefusal, judge, type Rule, type Verdict } from "./guards/rule.js"
