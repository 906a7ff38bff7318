import { hashOf, personDigestOf, placeDigestOf } from "../audit-hash.js"
import type { Migration } from "./migration.js"

/**
 * The log of events becomes a chain: each record's hash is over the one before. The table stays, with whoever may use it; what it holds is
 * put in again, in the order in which it was written.
 */
export const auditChain: Migration = {
  number: 6,
  name: "audit chain",
  statements: (schema) =>
    setAside(schema) +
    columns(schema) +
    ends(schema) +
    chain(schema) +
    putBack(schema) +
    indexes(schema) +
    pseudonymize(schema) +
    cut(schema) +
    forgetAddresses(schema),
}

// A process of the version before goes on appending meanwhile: it waits here, and what it writes then the trigger understands.
function setAside(schema: string): string {
  return `
    lock table ${schema}.audit_log in access exclusive mode;
    create table ${schema}.audit_log_before as select id, at, event from ${schema}.audit_log;
    truncate ${schema}.audit_log;
    drop index ${schema}.audit_log_by_time;
    drop index ${schema}.audit_log_by_user;
  `
}

// Person and place are under a salt of their own each, so that either can be forgotten. The digest takes the salt's place then.
function columns(schema: string): string {
  return `
    alter table ${schema}.audit_log alter column id drop identity;
    alter table ${schema}.audit_log rename column id to number;
    alter table ${schema}.audit_log
      add column email_digest text collate "C",
      add column address text not null,
      add column user_agent text not null,
      add column person_salt bytea,
      add column person_digest bytea,
      add column place_salt bytea,
      add column place_digest bytea,
      add column hash bytea not null,
      add check (num_nonnulls(person_salt, person_digest) = 1),
      add check (num_nonnulls(place_salt, place_digest) = 1);
    comment on column ${schema}.audit_log.user_id is 'or the pseudonym of one who was erased';
    comment on column ${schema}.audit_log.event is 'what stands in no column';
    comment on column ${schema}.audit_log.hash is 'SHA-256 over this record and the hash of the one before';
  `
}

// Holding the one row of `audit_log_ends` is what makes appending one after the other. It is locked and not written: a row that every append
// writes would be as slow to find as it has dead versions, and they stay as long as anybody's old snapshot, such as a backup's. So the end
// is the last row of a table that is only inserted into; and a record's hash lies in two tables, so that one that is taken out is missed.
function ends(schema: string): string {
  return `
    create table ${schema}.audit_log_ends (
      one boolean primary key default true check (one),
      start_number bigint not null default 0,
      start_hash bytea not null default decode(repeat('00', 32), 'hex'),
      bare_number bigint not null default 0
    );
    insert into ${schema}.audit_log_ends default values;
    comment on column ${schema}.audit_log_ends.start_number is 'the last record that was cut off at the front';
    comment on column ${schema}.audit_log_ends.bare_number is 'up to here addresses and user agents were forgotten';
    create table ${schema}.audit_log_hashes (
      number bigint primary key,
      hash bytea not null
    );
    comment on table ${schema}.audit_log_hashes is 'every record that there must be in audit_log';
  `
}

// Whatever the insert says of the columns, they are made here, with the rights of the table's owner: a role that may insert can neither
// choose a number nor a hash.
function chain(schema: string): string {
  return `
    create function ${schema}.audit_log_chain() returns trigger
    language plpgsql ${asOwner} as $body$
    declare
      ends ${schema}.audit_log_ends;
      previous ${schema}.audit_log_hashes;
    begin
      select * into strict ends from ${schema}.audit_log_ends for no key update;
      select * into previous from ${schema}.audit_log_hashes order by number desc limit 1;
      if not found then
        previous.number := ends.start_number;
        previous.hash := ends.start_hash;
      end if;
      new.number := previous.number + 1;
      new.type := new.event ->> 'type';
      new.realm := new.event ->> 'realm';
      new.user_id := new.event ->> 'userId';
      new.email_digest := new.event ->> 'emailDigest';
      new.address := coalesce(new.event ->> 'address', '');
      new.user_agent := coalesce(new.event ->> 'userAgent', '');
      new.event := new.event - '{at,type,realm,userId,emailDigest,address,userAgent}'::text[];
      new.person_salt := uuid_send(gen_random_uuid());
      new.person_digest := null;
      new.place_salt := uuid_send(gen_random_uuid());
      new.place_digest := null;
      new.hash := ${hashOf("new", "previous.hash")};
      insert into ${schema}.audit_log_hashes values (new.number, new.hash) on conflict do nothing;
      if not found then
        raise exception 'The snapshot is older than the last record.' using errcode = 'serialization_failure';
      end if;
      return new;
    end
    $body$;
    revoke all on function ${schema}.audit_log_chain() from public;
    create trigger audit_log_chain before insert on ${schema}.audit_log
      for each row execute function ${schema}.audit_log_chain();
  `
}

function putBack(schema: string): string {
  return `
    insert into ${schema}.audit_log (at, event) select at, event from ${schema}.audit_log_before order by id;
    drop table ${schema}.audit_log_before;
  `
}

function indexes(schema: string): string {
  const log = `${schema}.audit_log`
  return `
    create index audit_log_by_user on ${log} (user_id, number desc) where user_id is not null;
    create index audit_log_by_type on ${log} (type, number desc);
    create index audit_log_by_time on ${log} (at);
    create index audit_log_by_email_digest on ${log} (email_digest) where user_id is null and email_digest is not null;
    create index audit_log_erasures on ${log} ((event ->> 'pseudonym'), number) where type = 'user.erased';
  `
}

// The row is held first: an append that is under way is waited for, and so gets the pseudonym too.
function pseudonymize(schema: string): string {
  const signature = "audit_log_pseudonymize(text, text, jsonb)"
  return `
    create function ${schema}.audit_log_pseudonymize(of_user text, pseudonym text, of_digests jsonb) returns integer
    language plpgsql ${asOwner} as $body$
    declare
      digests text[] := array(select jsonb_array_elements_text(of_digests));
      changed integer;
    begin
      perform from ${schema}.audit_log_ends for no key update;
      update ${schema}.audit_log as l set
        user_id = case when l.user_id is not null then pseudonym end,
        email_digest = case when l.email_digest is not null then pseudonym end,
        address = '', user_agent = '',
        person_salt = null, person_digest = ${personDigestOf("l")},
        place_salt = null, place_digest = ${placeDigestOf("l")}
      where (l.user_id = of_user or l.user_id is null and l.email_digest = any(digests))
        and l.person_salt is not null;
      get diagnostics changed = row_count;
      return changed;
    end
    $body$;
    revoke all on function ${schema}.${signature} from public;
  `
}

function cut(schema: string): string {
  return `
    create function ${schema}.audit_log_cut(older_than timestamptz, batch integer) returns integer
    language plpgsql ${asOwner} as $body$
    declare
      ends ${schema}.audit_log_ends;
      last_number bigint;
    begin
      select * into ends from ${schema}.audit_log_ends for no key update;
      ${frontOf(schema, "ends.start_number")}
      update ${schema}.audit_log_ends set
        start_number = last_number,
        start_hash = (select h.hash from ${schema}.audit_log_hashes as h where h.number = last_number),
        bare_number = greatest(ends.bare_number, last_number);
      delete from ${schema}.audit_log where number <= last_number;
      delete from ${schema}.audit_log_hashes where number <= last_number;
      return last_number - ends.start_number;
    end
    $body$;
    revoke all on function ${schema}.audit_log_cut(timestamptz, integer) from public;
  `
}

function forgetAddresses(schema: string): string {
  return `
    create function ${schema}.audit_log_forget_addresses(older_than timestamptz, batch integer) returns integer
    language plpgsql ${asOwner} as $body$
    declare
      ends ${schema}.audit_log_ends;
      last_number bigint;
    begin
      select * into ends from ${schema}.audit_log_ends for no key update;
      ${frontOf(schema, "ends.bare_number")}
      update ${schema}.audit_log as l set
        address = '', user_agent = '', place_salt = null, place_digest = ${placeDigestOf("l")}
      where l.number > ends.bare_number and l.number <= last_number;
      update ${schema}.audit_log_ends set bare_number = last_number;
      return last_number - ends.bare_number;
    end
    $body$;
    revoke all on function ${schema}.audit_log_forget_addresses(timestamptz, integer) from public;
  `
}

// The next records, without a gap, up to one that is not old enough: what stands behind it waits, however old its clock says it is.
function frontOf(schema: string, after: string): string {
  return `select coalesce(min(f.number) filter (where f.at >= older_than) - 1, max(f.number)) into last_number
      from (
        select l.number, l.at from ${schema}.audit_log as l
        where l.number > ${after} order by l.number limit batch
      ) as f;
      if last_number is null or last_number <= ${after} then
        return 0;
      end if;`
}

// No schema that somebody else may create in stands in the path: every name below is the one that is meant.
const asOwner = "security definer set search_path = pg_catalog, pg_temp"
