-- Who is who: decisions with their history, teams with their days, and what is left of those who were pseudonymised.
-- Lines after --{sqlite} and --{postgres} are for that engine alone.

-- The address of a member goes when they are pseudonymised. SQLite cannot take `not null` from a column: the table is made
-- anew. References to it, should there be any, are looked at again at the commit, when everyone is back.
--{postgres} alter table members alter column email drop not null;
--{postgres} alter table members add column source text not null default 'roster';
--{postgres} alter table members add column name_decided bigint not null default 0;
--{postgres} alter table members add column github_login text;
--{postgres} alter table members add column left_on bigint;
--{postgres} alter table members add column merged_into bigint;
--{postgres} alter table members add column erased bigint not null default 0;
--{sqlite} pragma defer_foreign_keys = on;
--{sqlite} create table members_before as select organization_id, id, email, name, name_from from members;
--{sqlite} drop table members;
--{sqlite} create table members (
--{sqlite}     organization_id integer not null references organizations (id),
--{sqlite}     id integer not null,
--{sqlite}     -- Null once they are pseudonymised.
--{sqlite}     email text,
--{sqlite}     name text,
--{sqlite}     -- The integration whose roster gave the name; no other one changes it, so that two rosters do not take turns.
--{sqlite}     name_from integer,
--{sqlite}     -- Who made them: a roster, a person, a file.
--{sqlite}     source text not null default 'roster',
--{sqlite}     -- 1: a person wrote the name, and no roster changes it.
--{sqlite}     name_decided integer not null default 0,
--{sqlite}     -- In lower case, as a person or a file gave it.
--{sqlite}     github_login text,
--{sqlite}     -- Their last day with the organization.
--{sqlite}     left_on integer,
--{sqlite}     -- The member they turned out to be. Never one who is merged themselves; the row keeps the address found.
--{sqlite}     merged_into integer,
--{sqlite}     erased integer not null default 0,
--{sqlite}     primary key (organization_id, id),
--{sqlite}     unique (organization_id, email)
--{sqlite} ) strict;
--{sqlite} insert into members (organization_id, id, email, name, name_from)
--{sqlite}     select organization_id, id, email, name, name_from from members_before;
--{sqlite} drop table members_before;
create index members_by_login on members (organization_id, github_login);

-- How it came to its member, and whether a person said so: then no roster touches it.
alter table identities add column how text not null default 'unmatched';
alter table identities add column decided_by text;
alter table identities add column decided_at {int};
alter table identities add column erased {int} not null default 0;
update identities set how = case when member_from is null then 'by_address' else 'by_roster' end where member_id is not null;
create index identities_of_member on identities (organization_id, member_id);

-- Addresses that a member had before: a roster that still gives one means them.
create table member_addresses (
    organization_id {int} not null,
    email text not null,
    member_id {int} not null,
    primary key (organization_id, email),
    foreign key (organization_id, member_id) references members (organization_id, id)
){table};

create table refused_matches (
    organization_id {int} not null,
    identity_id {int} not null,
    member_id {int} not null,
    primary key (organization_id, identity_id, member_id),
    foreign key (organization_id, identity_id) references identities (organization_id, id),
    foreign key (organization_id, member_id) references members (organization_id, id)
){table};

-- Every decision, with what it touched as it was before and after: enough to take it back, and to see that something later
-- overtook it. Its words are made when it is read, from the names as they are then.
create table people_changes (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    at {int} not null,
    by_whom text not null,
    kind text not null,
    identity_id {int},
    member_id {int},
    other_member_id {int},
    count {int},
    touched text,
    before text,
    after text,
    undone_at {int},
    undone_by text,
    primary key (organization_id, id)
){table};

-- Names and addresses of those who were pseudonymised, as hashes with the organization's salt: a vendor that names them
-- again is understood, and nobody else learns anything.
create table people_salts (
    organization_id {int} primary key references organizations (id),
    salt {bytes} not null
){table};

create table erased_keys (
    organization_id {int} not null references people_salts (organization_id),
    hash {bytes} not null,
    -- The identity that had the key; null where the member had the address.
    identity_id {int},
    member_id {int},
    primary key (organization_id, hash)
){table};

create table teams (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    name text not null,
    source text not null,
    -- Both null but for a vendor's team, whose members are read from its snapshots.
    integration_id {int},
    vendor_key text,
    -- The day of the facts that gave the name; older facts do not bring an old name back.
    name_day {int} not null,
    primary key (organization_id, id)
){table};
create unique index teams_of_vendors on teams (organization_id, integration_id, vendor_key) where integration_id is not null;

create table team_members (
    organization_id {int} not null,
    team_id {int} not null,
    member_id {int} not null,
    -- First and last day, both included; without a last one it lasts.
    valid_from {int} not null,
    valid_to {int},
    by_whom text not null,
    noted_at {int} not null,
    primary key (organization_id, team_id, member_id, valid_from),
    foreign key (organization_id, team_id) references teams (organization_id, id),
    foreign key (organization_id, member_id) references members (organization_id, id)
){table};

-- The streams that name teams: a snapshot of theirs without a team means that the team is empty.
create table team_streams (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    primary key (organization_id, integration_id, stream)
){table};
