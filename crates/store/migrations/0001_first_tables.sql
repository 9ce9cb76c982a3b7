-- {int}, {bytes}, {table} and {clustered} are replaced by each engine's own words (src/migrations.rs). The columns of the
-- measures are added after the migrations, from the domain's list.
-- Days are epoch days, instants epoch microseconds, money micro-dollars, flags null, 0 or 1.

create table counters (name text primary key, next_number {int} not null){table};
insert into counters (name, next_number) values ('organizations', 1), ('jobs', 1), ('data_keys', 1);

-- One counter per organization numbers integrations, identities and members, so that the numbers of an identity and a
-- member never collide; 0 is the organization as a whole.
create table organizations (
    id {int} primary key,
    name text not null unique,
    next_number {int} not null,
    people_version {int} not null,
    created_at {int} not null
){table};

create table integrations (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    connector text not null,
    tool text not null,
    name text not null,
    settings text not null,
    credential_tail text,
    paused {int} not null,
    removed {int} not null,
    created_at {int} not null,
    last_synced_at {int},
    failure text,
    next_try_at {int},
    primary key (organization_id, id)
){table};

create table stream_failures (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    failure text not null,
    primary key (organization_id, integration_id, stream),
    foreign key (organization_id, integration_id) references integrations (organization_id, id)
){table};

-- The data keys are sealed under the master key, which is not in the database; the newest one seals.
create table data_keys (
    id {int} primary key,
    nonce {bytes} not null,
    sealed {bytes} not null,
    created_at {int} not null
){table};

create table credentials (
    organization_id {int} not null,
    integration_id {int} not null,
    data_key_id {int} not null references data_keys (id),
    nonce {bytes} not null,
    sealed {bytes} not null,
    created_at {int} not null,
    primary key (organization_id, integration_id),
    foreign key (organization_id, integration_id) references integrations (organization_id, id)
){table};

create table members (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    email text not null,
    name text,
    -- The integration whose roster gave the name; no other one changes it, so that two rosters do not take turns.
    name_from {int},
    primary key (organization_id, id),
    unique (organization_id, email)
){table};

create table identities (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    kind text not null,
    key text not null,
    label text not null,
    -- The day of the facts that gave the label; older facts do not bring an old label back.
    label_day {int} not null,
    member_id {int},
    -- The integration whose roster made the match; null where the key is the member's own address.
    member_from {int},
    primary key (organization_id, id),
    unique (organization_id, kind, key)
){table};

create table slices (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    tool text not null,
    state text not null,
    checksum {bytes},
    row_count {int} not null,
    fetched_at {int} not null,
    primary key (organization_id, integration_id, stream, day)
){clustered};

create table usage_daily (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    identity_id {int} not null,
    active {int},
    agent {int},
    primary key (organization_id, integration_id, stream, day, identity_id)
){clustered};

create table usage_splits (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    identity_id {int} not null,
    dimension text not null,
    value text not null,
    primary key (organization_id, integration_id, stream, day, identity_id, dimension, value)
){clustered};

create table usage_totals (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    name text not null,
    value {int} not null,
    primary key (organization_id, integration_id, stream, day, name)
){clustered};

create table seats_daily (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    identity_id {int} not null,
    created_at {int},
    last_activity_at {int},
    last_editor text,
    plan text,
    cancels_on {int},
    monthly_price_micros {int},
    primary key (organization_id, integration_id, stream, day, identity_id)
){clustered};

create table team_members_daily (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    team_key text not null,
    identity_id {int} not null,
    team text not null,
    primary key (organization_id, integration_id, stream, day, team_key, identity_id)
){clustered};

create table roster_daily (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    identity_id {int} not null,
    name text,
    email text,
    removed {int} not null,
    primary key (organization_id, integration_id, stream, day, identity_id)
){clustered};

create table cost_daily (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    identity_id {int} not null,
    ledger text not null,
    sku text not null,
    -- Empty where the vendor names none.
    model text not null,
    quantity_micros {int},
    gross_micros {int} not null,
    net_micros {int},
    primary key (organization_id, integration_id, stream, day, identity_id, ledger, sku, model)
){clustered};

-- Roll-ups: one row per counted slice (or per value of it), kept with the slice. Their keys begin with the day, because
-- dashboards read a window of all integrations.
create table slice_rollups (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    tool text not null,
    provisional {int} not null,
    -- Whether nobody in it means that nobody did anything.
    knows_activity {int} not null,
    primary key (organization_id, day, integration_id, stream)
){clustered};

-- Apart from the sums: a packed day is some 20 KB at 5,000 people, and the heatmap's days need none of it.
create table slice_people (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    -- Who was active, a bit an identity: all that a period of comparison reads.
    active {bytes} not null,
    people {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
-- Packed already: to compress them again would only cost time at every reading.
--{postgres} alter table slice_people alter column active set storage external, alter column people set storage external;


create table slice_splits (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    dimension text not null,
    value text not null,
    tool text not null,
    primary key (organization_id, day, integration_id, stream, dimension, value)
){clustered};

create table slice_seats (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    tool text not null,
    seats {int} not null,
    unpriced {int} not null,
    monthly_price_micros {int} not null,
    primary key (organization_id, day, integration_id, stream)
){clustered};

create table slice_costs (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    ledger text not null,
    tool text not null,
    gross_micros {int} not null,
    net_micros {int},
    primary key (organization_id, day, integration_id, stream, ledger)
){clustered};

create table archive_replies (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    slice_from {int} not null,
    slice_to {int} not null,
    seq {int} not null,
    step text not null,
    status {int} not null,
    call_from {int} not null,
    call_to {int} not null,
    checksum {bytes} not null,
    raw_bytes {int} not null,
    fetched_at {int} not null,
    primary key (organization_id, integration_id, stream, slice_from, slice_to, seq)
){table};

create table archive_chunks (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    slice_from {int} not null,
    slice_to {int} not null,
    seq {int} not null,
    place {int} not null,
    bytes {bytes} not null,
    primary key (organization_id, integration_id, stream, slice_from, slice_to, seq, place)
){table};

create table jobs (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    kind text not null,
    integration_id {int},
    key text not null,
    payload text not null,
    state text not null,
    run_at {int} not null,
    attempts {int} not null,
    worker text,
    lease_until {int},
    error text,
    created_at {int} not null,
    ended_at {int},
    primary key (organization_id, id)
){table};
create unique index jobs_open_key on jobs (organization_id, key) where state in ('queued', 'running');
create unique index jobs_by_id on jobs (id);
create index jobs_open on jobs (run_at, id) where state in ('queued', 'running');

-- Secrets of visitors: their SHA-256 only. A visitor names no organization, so each hash is unique by itself.
create table sign_in_links (
    organization_id {int} not null references organizations (id),
    hash {bytes} not null unique,
    expires_at {int} not null,
    created_at {int} not null,
    primary key (organization_id, hash)
){table};

create table sessions (
    organization_id {int} not null references organizations (id),
    hash {bytes} not null unique,
    expires_at {int} not null,
    created_at {int} not null,
    primary key (organization_id, hash)
){table};

create table api_tokens (
    organization_id {int} not null references organizations (id),
    name text not null,
    hash {bytes} not null unique,
    created_at {int} not null,
    last_used_at {int},
    primary key (organization_id, name)
){table};
