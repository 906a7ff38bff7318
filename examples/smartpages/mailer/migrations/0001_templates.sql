-- One row per mail and language. Placeholders: {{appName}} {{url}} {{code}} {{until}}; in html their values are escaped.
create table templates (
  name text not null,
  locale text not null,
  subject text not null,
  text text not null,
  html text not null,
  primary key (name, locale)
) strict;
