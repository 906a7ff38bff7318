-- What a customer's page says. The id is the customers table's of the Core Worker; nothing here says who that is.
create table customer_records (
  customer_id text primary key,
  title text not null,
  company text not null,
  phone text not null,
  about text not null,
  version integer not null,
  created_at integer not null,
  changed_at integer not null
) strict;
