import { randomUUID } from "node:crypto"
import type { PostgresQuery, Row, Value } from "@mortise/adapter-postgres"
import { StoreError, type UserStore } from "@mortise/core"
import type { GitHubProfile, Member } from "./member"

/** Our users as the library sees them, and what else is written about them. */
export interface Members extends UserStore<Member> {
  /** Keeps what GitHub says of somebody, before it is known whether they have an account. */
  keepProfile(profile: GitHubProfile): Promise<void>
  /** Notes a sign-in. */
  touch(id: string, at: number): Promise<void>
}

const issuer = "https://github.com"

// Which account of GitHub's a member has, the library knows: a credential's handle is "issuer|subject". With two, the one that came last counts.
const selected = `select u.*, coalesce(p.username, u.username) as shown_name, coalesce(p.is_sponsor, false) as is_sponsor
  from almanac.users as u
  left join lateral (
    select g.* from mortise.credentials as c
    join almanac.github_profiles as g on c.handle = '${issuer}|' || g.subject
    where c.user_id = u.id and c.kind = 'identity' order by g.seen_at desc limit 1
  ) as p on true`

/** Members in PostgreSQL. A database that fails is a StoreError, so it is answered with 503 as the library's own stores are. */
export function members(query: PostgresQuery): Members {
  async function run(name: string, text: string, values: Value[]): Promise<readonly Row[]> {
    try {
      return (await query({ name: `almanac.${name}`, text, values })).rows
    } catch (cause) {
      throw new StoreError("users", cause)
    }
  }

  async function find(id: string): Promise<Member | undefined> {
    const [row] = await run("find", `${selected} where u.id = $1`, [id])
    return row && memberOf(row)
  }

  return {
    find,

    async create({ email, emailVerifiedAt, createdAt, profile }) {
      const id = randomUUID()
      const rows = await run(
        "insert",
        `insert into almanac.users (id, email, username, email_verified_at, created_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing returning id`,
        [id, email, profile?.["username"] ?? email, emailVerifiedAt, createdAt],
      )
      return rows.length === 0 ? undefined : find(id)
    },

    async findByEmail(email) {
      const [row] = await run("find_by_email", `${selected} where u.email = $1`, [email])
      return row && memberOf(row)
    },

    async update(id, { email, emailVerifiedAt, disabledAt }) {
      // What is not named keeps its value. An address that somebody else has leaves the row as it is.
      const rows = await run(
        "update",
        `update almanac.users set
           email = coalesce($2, email),
           email_verified_at = case when $3::boolean then $4::bigint else email_verified_at end,
           disabled_at = case when $5::boolean then $6::bigint else disabled_at end
         where id = $1 returning id`,
        [
          id,
          email ?? null,
          emailVerifiedAt !== undefined,
          emailVerifiedAt ?? null,
          disabledAt !== undefined,
          disabledAt ?? null,
        ],
      ).catch(takenOrFault)
      if (rows === "taken") return "taken"
      return (rows.length > 0 ? await find(id) : undefined) ?? "absent"
    },

    async delete(id) {
      return (await run("delete", "delete from almanac.users where id = $1 returning id", [id])).length > 0
    },

    async list({ limit, after = "" }) {
      const rows = await run(
        "list",
        `${selected} where u.created_at >= coalesce((select created_at from almanac.users where id = $1), 0)
           and ($1 = '' or (u.created_at, u.id) > (select created_at, id from almanac.users where id = $1))
         order by u.created_at, u.id limit $2`,
        [after, limit],
      )
      return rows.map(memberOf)
    },

    async keepProfile({ subject, username, isSponsor }) {
      await run(
        "keep_profile",
        `insert into almanac.github_profiles values ($1, $2, $3, $4) on conflict (subject) do update
         set username = excluded.username, is_sponsor = excluded.is_sponsor, seen_at = excluded.seen_at`,
        [subject, username, isSponsor, Date.now()],
      )
    },

    async touch(id, at) {
      const text = "update almanac.users set last_login_at = $2, logins = logins + 1 where id = $1"
      await run("touch", text, [id, at])
    },
  }
}

/** SQLSTATE 23505: another member has the address. */
function takenOrFault(fault: unknown): "taken" {
  const cause = fault instanceof StoreError ? fault.cause : undefined
  if (cause instanceof Error && "code" in cause && cause.code === "23505") return "taken"
  throw fault
}

function memberOf(row: Row): Member {
  return {
    id: String(row["id"]),
    email: String(row["email"]),
    username: String(row["shown_name"]),
    isSponsor: row["is_sponsor"] === true,
    emailVerifiedAt: instantOf(row["email_verified_at"]),
    disabledAt: instantOf(row["disabled_at"]),
    createdAt: Number(row["created_at"]),
    lastLoginAt: instantOf(row["last_login_at"]),
    logins: Number(row["logins"]),
  }
}

/** Drivers answer a bigint as a number or as text. */
function instantOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value)
}
