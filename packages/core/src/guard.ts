export { type GuardedRequest, type GuardRefusal, judge, type Rule, type Verdict } from "./guards/rule.js"
