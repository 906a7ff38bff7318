export { type ArcticClient, type ArcticOptions, arctic } from "./flows/oauth/providers/arctic.js"
