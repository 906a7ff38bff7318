// What the code on the pages about providers may import. It stands here, where all of it can be found.
export * as arctic from "arctic"
export * as jose from "jose"
export * as core from "../../src/index.js"
export * as memory from "../../src/memory.js"
export * as oauth from "../../src/oauth.js"
export * as oauthArctic from "../../src/oauth-arctic.js"
export * as password from "../../src/password.js"
export * as scrypt from "../../src/scrypt.js"
