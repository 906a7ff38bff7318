-- The customers, one row each. A row is there only after its address was confirmed.
create table customers (
  -- Begins with the time of creation, so that rows sort by it.
  id text primary key,
  -- Canonical, see canonicalEmail: one spelling per mailbox.
  email text not null unique,
  locale text not null check (locale in ('en', 'de')),
  -- Instants are milliseconds since 1970.
  email_verified_at integer,
  disabled_at integer,
  created_at integer not null
) strict;
