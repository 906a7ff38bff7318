import { generateKeyPairSync } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import type { Profile, Provider } from "@mortise/core/oauth"
import type { TestClient } from "@mortise/core/testing"
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest"
import {
  type HostileProvider,
  type HostileProviderOptions,
  startHostileProvider,
} from "../../packages/core/test/oauth/hostile-provider/hostile-provider.js"
import type {
  AnswerLies,
  Json,
  JsonObject,
  Lies,
} from "../../packages/core/test/oauth/hostile-provider/lies.js"
import type { RecordedRequest } from "../../packages/core/test/oauth/hostile-provider/recorded-request.js"
import {
  comeBack,
  depart,
  locationOf,
  type OAuthHost,
  oauthApp,
} from "../../packages/core/test/oauth/oauth-app.js"
import { arctic, jose, oauth, oauthArctic } from "../../packages/core/test/oauth/page-modules.js"
import { codeBlocks, complaintsOfAll, runBlock } from "../../packages/hono/test/readme-code.js"

const modules = {
  "@mortise/core/oauth": oauth,
  "@mortise/core/oauth/arctic": oauthArctic,
  arctic,
  jose,
}
const folder = new URL("../providers/", import.meta.url)
const pages = readdirSync(folder)

function blocksOf(page: string): readonly string[] {
  return codeBlocks(new URL(page, folder))
}

/** How a page's block is tried: who the provider plays, who signs in there, and what is known of them afterwards. */
interface Trial {
  readonly page: string
  /** Which of the page's blocks; default the first. */
  readonly block?: number
  /** What the provider calls itself, and so where it is. */
  readonly issuer: string
  readonly played?: HostileProviderOptions
  readonly user?: JsonObject
  readonly lies?: Lies
  /** What the provider's API says of the user, by address. */
  readonly api?: Readonly<Record<string, Json>>
  /** Issuer and subject. */
  readonly handle: string
  readonly profile: Profile
}

const tenant = "11111111-2222-3333-4444-555555555555"
const ada = { email: "ada@example.com", emailVerified: true, name: "Ada Lovelace" }
const unverified = { ...ada, emailVerified: false }
const slackIds = { "https://slack.com/team_id": "T0R7GR", "https://slack.com/user_id": "U0R7JM" }
const post: HostileProviderOptions = { authentication: ["post"] }
/** Microsoft's discovery promises no `iss` in answers (RFC 9207). */
const withoutIss: Lies = { authorization: { iss: undefined } }
const appleKeys = generateKeyPairSync("ec", { namedCurve: "P-256" })

const trials: readonly Trial[] = [
  {
    page: "google.md",
    issuer: "https://accounts.google.com",
    played: post,
    handle: "https://accounts.google.com|248289761001",
    profile: ada,
  },
  {
    page: "google.md",
    block: 1,
    issuer: "https://accounts.google.com",
    handle: "https://accounts.google.com|248289761001",
    profile: unverified,
  },
  {
    page: "google.md",
    block: 1,
    issuer: "https://accounts.google.com",
    user: { hd: "example.com" },
    handle: "https://accounts.google.com|248289761001",
    profile: ada,
  },
  {
    page: "google.md",
    block: 1,
    issuer: "https://accounts.google.com",
    user: { email: "ada@gmail.com" },
    handle: "https://accounts.google.com|248289761001",
    profile: { ...ada, email: "ada@gmail.com" },
  },
  {
    page: "google.md",
    block: 2,
    issuer: "https://accounts.google.com",
    user: { hd: "example.com" },
    handle: "https://accounts.google.com|248289761001",
    profile: ada,
  },
  {
    page: "github.md",
    issuer: "https://github.com/login/oauth",
    played: post,
    handle: "https://github.com|248289761001",
    profile: { ...ada, username: "ada" },
  },
  {
    page: "microsoft.md",
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    played: post,
    user: { tid: tenant },
    lies: withoutIss,
    handle: `https://login.microsoftonline.com/${tenant}/v2.0|248289761001`,
    profile: unverified,
  },
  {
    page: "microsoft.md",
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    user: { tid: tenant, xms_edov: true, email_verified: undefined },
    lies: withoutIss,
    handle: `https://login.microsoftonline.com/${tenant}/v2.0|248289761001`,
    profile: ada,
  },
  {
    page: "entra.md",
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    user: { tid: tenant },
    handle: `https://login.microsoftonline.com/${tenant}/v2.0|248289761001`,
    profile: ada,
  },
  {
    page: "apple.md",
    issuer: "https://appleid.apple.com",
    played: post,
    user: { email_verified: "true", name: undefined },
    lies: { unchecked: ["client"], discovery: { userinfo_endpoint: undefined } },
    handle: "https://appleid.apple.com|248289761001",
    profile: { email: ada.email, emailVerified: true },
  },
  {
    page: "gitlab.md",
    issuer: "https://gitlab.com",
    handle: "https://gitlab.com|248289761001",
    profile: ada,
  },
  {
    page: "okta.md",
    issuer: "https://acme.okta.com",
    lies: { idToken: { claims: ({ email_verified, ...claims }) => claims } },
    handle: "https://acme.okta.com|248289761001",
    profile: ada,
  },
  {
    page: "auth0.md",
    issuer: "https://acme.eu.auth0.com/",
    user: { sub: "auth0|507f1f77bcf86cd799439020" },
    handle: "https://acme.eu.auth0.com/|auth0|507f1f77bcf86cd799439020",
    profile: ada,
  },
  {
    page: "keycloak.md",
    issuer: "https://id.example.com/realms/acme",
    handle: "https://id.example.com/realms/acme|248289761001",
    profile: ada,
  },
  {
    page: "discord.md",
    issuer: "https://discord.com",
    played: post,
    api: {
      "https://discord.com/api/users/@me": {
        id: "80351110224678912",
        username: "ada",
        global_name: "Ada Lovelace",
        email: "ada@example.com",
        verified: true,
      },
    },
    handle: "https://discord.com|80351110224678912",
    profile: { ...ada, username: "ada" },
  },
  {
    page: "linkedin.md",
    issuer: "https://www.linkedin.com/oauth",
    played: { ...post, pkce: "optional" },
    handle: "https://www.linkedin.com/oauth|248289761001",
    profile: ada,
  },
  {
    page: "slack.md",
    issuer: "https://slack.com",
    played: post,
    user: { ok: true, sub: "U0R7JM", ...slackIds },
    handle: "https://slack.com|T0R7GR.U0R7JM",
    profile: ada,
  },
  {
    page: "facebook.md",
    issuer: "https://www.facebook.com",
    played: post,
    api: {
      "https://graph.facebook.com/v25.0/me?fields=id,name,email": {
        id: "10215",
        name: "Ada Lovelace",
        email: "ada@example.com",
      },
    },
    handle: "https://www.facebook.com|10215",
    profile: unverified,
  },
  {
    page: "arctic.md",
    issuer: "https://accounts.spotify.com",
    api: {
      "https://api.spotify.com/v1/me": {
        id: "31l77",
        email: "ada@example.com",
        display_name: "Ada Lovelace",
      },
    },
    handle: "https://accounts.spotify.com|31l77",
    profile: unverified,
  },
  {
    page: "README.md",
    issuer: "https://accounts.acme.example",
    played: post,
    api: {
      "https://api.acme.example/v1/me": {
        uuid: "0b7f",
        mail: "ada@example.com",
        confirmed: true,
        display: "Ada Lovelace",
      },
    },
    handle: "https://accounts.acme.example|0b7f",
    profile: ada,
  },
]

/** A host with the page's provider, and the provider. */
interface Stage {
  readonly host: OAuthHost
  readonly remote: HostileProvider
  readonly name: string
  readonly exported: Record<string, unknown>
  readonly seen: Profile[]
}

async function staged(trial: Trial): Promise<Stage> {
  const remote = await startHostileProvider({ issuer: trial.issuer, ...trial.played })
  onTestFinished(() => remote.stop())
  remote.user = { ...remote.user, ...trial.user }
  remote.lie({ ...trial.lies, ...(trial.api ? answers(trial.api) : {}) })

  const block = blocksOf(trial.page)[trial.block ?? 0] ?? ""
  const known: Readonly<Record<string, string>> = {
    ENTRA_TENANT_ID: tenant,
    APPLE_TEAM_ID: "TEAM",
    APPLE_KEY_ID: "KEY",
    APPLE_PRIVATE_KEY: appleKeys.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  }
  for (const [, variable = ""] of block.matchAll(/process\.env\.(\w+)/g)) {
    const client = variable.endsWith("_ID") ? remote.clientId : remote.clientSecret
    vi.stubEnv(variable, known[variable] ?? client)
  }
  const exported = runBlock(block, modules)
  const provider = exported["provider"] as Provider
  const seen: Profile[] = []
  const host = oauthApp(remote, {
    providers: [provider],
    oauth: { create: (profile) => seen.push(profile) > 0 },
  })
  return { host, remote, name: provider.name, exported, seen }
}

/** What an API answers to whoever has a token. */
function answers(api: NonNullable<Trial["api"]>): Lies {
  const unknown = ({ headers, url }: RecordedRequest): AnswerLies => {
    const body = api[url.href]
    const known = body !== undefined && headers.authorization?.startsWith("Bearer ")
    return known ? { status: 200, raw: JSON.stringify(body) } : {}
  }
  return { answers: { unknown } }
}

async function signIn({ host, remote, name }: Stage, browser: TestClient = host.browser()): Promise<string> {
  const { parameters, url } = await depart(browser, remote, { name })
  if (url.searchParams.get("response_mode") !== "form_post")
    return locationOf(await comeBack(browser, parameters, name))
  const headers = { origin: url.origin, "sec-fetch-site": "cross-site" }
  const form = Object.fromEntries(parameters)
  return locationOf(await browser.post(`/auth/oauth/${name}/callback`, { form, headers }))
}

function trialOf(page: string): Trial {
  const trial = trials.find((each) => each.page === page)
  if (!trial) throw new Error(`${page} has no trial.`)
  return trial
}

afterEach(() => void vi.unstubAllEnvs())

describe("the pages about providers", () => {
  test("each is listed, and tried", () => {
    const listed = [...readFileSync(new URL("README.md", folder), "utf8").matchAll(/^\| \[.+?\]\((.+?)\)/gm)]
    const expected = pages.filter((page) => page !== "README.md").sort()
    expect(listed.map(([, page]) => page).sort()).toEqual(expected)
    expect([...new Set(trials.map(({ page }) => page))].sort()).toEqual([...pages].sort())
  })

  test("compile", () => {
    // In a folder from which core, jose and arctic can be found.
    const place = new URL("../../packages/core/test/", import.meta.url)
    expect(complaintsOfAll(pages.flatMap(blocksOf), place)).toEqual([])
  }, 120_000)

  test("name the address that the application has", async () => {
    for (const page of pages.filter((each) => each !== "README.md")) {
      const { name } = await staged(trialOf(page))
      const text = readFileSync(new URL(page, folder), "utf8")
      expect([page, text.includes(`https://app.example.com/auth/oauth/${name}/callback`)]).toEqual([
        page,
        true,
      ])
    }
  })

  test.each(trials)("$page signs in: $handle", async (trial) => {
    const stage = await staged(trial)
    expect(await signIn(stage)).toBe("/workspace")
    expect(await stage.host.stores.credentials.find("identity", trial.handle)).toBeDefined()
    expect(stage.seen).toMatchObject([trial.profile])
    const user = await stage.host.stores.users.findByEmail(trial.profile.email ?? "")
    expect(user?.emailVerifiedAt !== null).toBe(trial.profile.emailVerified)
    expect(stage.host.faults).toEqual([])
    // The second time it is the same user.
    expect(await signIn(stage)).toBe("/workspace")
    expect(await stage.host.stores.users.list({ limit: 9 })).toHaveLength(1)
  })
})

describe("what single pages say", () => {
  test("Google: nobody new from outside of the Workspace", async () => {
    const stage = await staged({ ...trialOf("google.md"), block: 2, user: { hd: "elsewhere.example" } })
    expect(await signIn(stage)).toBe("/sign-in?error=oauth_email_missing&provider=google")
  })

  test("GitHub: another iss is refused, and an unverified primary address is not verified", async () => {
    const stage = await staged(trialOf("github.md"))
    stage.remote.lie({ authorization: { iss: "https://github.com" } })
    expect(await signIn(stage)).toBe("/sign-in?error=oauth_failed&provider=github")
    stage.remote.lie({ authorization: {} })
    stage.remote.user = { ...stage.remote.user, email_verified: false }
    expect(await signIn(stage)).toBe("/workspace")
    expect(stage.seen).toMatchObject([{ email: ada.email, emailVerified: false }])
  })

  test("Microsoft: a tenant that is no GUID is refused", () => {
    const options = { clientId: "id", clientSecret: "secret", tenant: "contoso.onmicrosoft.com" }
    expect(() => oauth.microsoft(options)).toThrow("the id of your tenant")
  })

  test("Apple: the secret is Apple's kind of JWT, and who says no has said no", async () => {
    const stage = await staged(trialOf("apple.md"))
    expect(await signIn(stage)).toBe("/workspace")
    const secret = stage.remote.requests.token[0]?.form.get("client_secret") ?? ""
    const { protectedHeader, payload } = await jose.jwtVerify(secret, appleKeys.publicKey, {
      issuer: "TEAM",
      subject: stage.remote.clientId,
      audience: "https://appleid.apple.com",
    })
    expect(protectedHeader).toMatchObject({ alg: "ES256", kid: "KEY" })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)

    stage.remote.lie({ authorization: { error: "user_cancelled_authorize", code: undefined } })
    expect(await signIn(stage)).toBe("/sign-in?error=oauth_denied&provider=apple")
  })

  test("LinkedIn: neither challenge nor verifier is sent", async () => {
    const stage = await staged(trialOf("linkedin.md"))
    expect(await signIn(stage)).toBe("/workspace")
    const { authorize, token } = stage.remote.requests
    expect(authorize[0]?.url.searchParams.has("code_challenge")).toBe(false)
    expect(token[0]?.form.has("code_verifier")).toBe(false)
  })

  test("LinkedIn: by oidc() an ID token without nonce is refused", async () => {
    const stage = await staged({
      ...trialOf("gitlab.md"),
      lies: { idToken: { claims: { nonce: undefined } } },
    })
    expect(await signIn(stage)).toBe("/sign-in?error=oauth_failed&provider=gitlab")
  })

  test("Slack: an answer that is not ok, or has no workspace, is nobody", async () => {
    const stage = await staged(trialOf("slack.md"))
    for (const userinfo of [{ ok: false }, { "https://slack.com/team_id": undefined }]) {
      stage.remote.lie({ userinfo })
      expect(await signIn(stage)).toBe("/sign-in?error=oauth_failed&provider=slack")
    }
  })

  test("Facebook: without an address there is no account", async () => {
    const api = { "https://graph.facebook.com/v25.0/me?fields=id,name,email": { id: "10215" } }
    const stage = await staged({ ...trialOf("facebook.md"), api })
    expect(await signIn(stage)).toBe("/sign-in?error=oauth_email_missing&provider=facebook")
  })

  test("arctic: another redirect address is refused", () => {
    const client = new arctic.Spotify("id", "secret", "https://app.example.com/elsewhere")
    const profile = async (): Promise<{ subject: string }> => ({ subject: "1" })
    const provider = oauthArctic.arctic({
      name: "s",
      label: "S",
      issuer: "https://s.example",
      client,
      profile,
    })
    const kit = { clock: Date.now, redirectUri: "https://app.example.com/auth/oauth/s/callback" }
    expect(() => provider.connect({ ...kit, network: undefined as never })).toThrow("redirect URI")
  })
})
