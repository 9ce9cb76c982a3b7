-- Who may come in. Lines after --{sqlite} and --{postgres} are for that engine alone.
-- Of every secret that we made ourselves only the SHA-256 is kept; whoever brings one names no organization, so each hash
-- is unique by itself.

-- The first tables let anybody in who had a link, without an account. No release had them, so nothing is carried over.
drop table sign_in_links;
drop table sessions;
drop table api_tokens;

insert into counters (name, next_number) values ('users', 1), ('sessions', 1);

-- Numbers the tokens and audit records of an organization; taking a number makes whoever else does so wait. Apart from the
-- organization's other counter, whose numbers are few and whose row a slice may hold for as long as it is written.
create table record_counters (
    organization_id {int} primary key references organizations (id),
    next_number {int} not null
){table};

-- People who sign in. Installation-wide: one person with one password may be in several organizations; what they see and
-- may do there is in their memberships, and nothing here tells one organization about another.
create table users (
    id {int} primary key,
    email text not null unique,
    name text not null,
    password_hash text,
    created_at {int} not null,
    last_seen_at {int}
){table};

-- Belongs to a user, not to an organization. The secret is sealed as that user's.
create table second_factors (
    user_id {int} primary key references users (id),
    data_key_id {int} not null references data_keys (id),
    nonce {bytes} not null,
    sealed {bytes} not null,
    -- The last time step whose code was used: a code works once.
    last_step {int} not null,
    created_at {int} not null
){table};

-- Belongs to a user. Codes that were used are gone.
create table recovery_codes (
    user_id {int} not null references users (id),
    hash {bytes} not null,
    primary key (user_id, hash)
){table};

-- Belongs to a user: who they are to an identity provider.
create table sign_ons (
    provider text not null,
    subject text not null,
    user_id {int} not null references users (id),
    label text not null,
    created_at {int} not null,
    primary key (provider, subject),
    unique (user_id, provider)
){table};

create table memberships (
    organization_id {int} not null references organizations (id),
    user_id {int} not null references users (id),
    role text not null,
    -- Who they are among the members, where somebody said so; otherwise the member with their e-mail address.
    member_id {int},
    locked {int} not null,
    created_at {int} not null,
    primary key (organization_id, user_id)
){table};
create index memberships_of_user on memberships (user_id);

create table one_time_links (
    organization_id {int} not null references organizations (id),
    hash {bytes} not null unique,
    kind text not null,
    user_id {int},
    email text,
    role text,
    made_by {int},
    expires_at {int} not null,
    created_at {int} not null,
    primary key (organization_id, hash),
    foreign key (organization_id, user_id) references memberships (organization_id, user_id)
){table};

create table sessions (
    organization_id {int} not null,
    id {int} not null unique,
    user_id {int} not null,
    hash {bytes} not null unique,
    -- For requests that were on their way while the secret was rotated.
    previous_hash {bytes} unique,
    previous_until {int},
    method text not null,
    agent text not null,
    address text not null,
    rotate {int} not null,
    idle_seconds {int} not null,
    created_at {int} not null,
    last_seen_at {int} not null,
    expires_at {int} not null,
    primary key (organization_id, id),
    foreign key (organization_id, user_id) references memberships (organization_id, user_id)
){table};
create index sessions_of_user on sessions (user_id);

create table api_tokens (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    -- Null for a token that belongs to nobody in particular; it then has a role of its own.
    user_id {int},
    role text,
    name text not null,
    hash {bytes} not null unique,
    scopes text not null,
    made_by {int},
    created_at {int} not null,
    expires_at {int},
    last_used_at {int},
    primary key (organization_id, id),
    foreign key (organization_id, user_id) references memberships (organization_id, user_id)
){table};
create unique index api_tokens_of_user on api_tokens (organization_id, user_id, name) where user_id is not null;
create unique index api_tokens_of_nobody on api_tokens (organization_id, name) where user_id is null;

-- Installation-wide: whoever is on the way to an identity provider and back may have no account yet.
create table round_trips (
    hash {bytes} primary key,
    purpose text not null,
    session_hash {bytes},
    data_key_id {int} not null references data_keys (id),
    nonce {bytes} not null,
    sealed {bytes} not null,
    expires_at {int} not null
){table};

-- Installation-wide until somebody approves it: the device that asks has no account. Then it is that membership's.
create table device_grants (
    device_hash {bytes} primary key,
    user_code text not null unique,
    client_name text not null,
    scopes text not null,
    state text not null,
    organization_id {int},
    user_id {int},
    interval_seconds {int} not null,
    last_polled_at {int},
    expires_at {int} not null,
    created_at {int} not null,
    foreign key (organization_id, user_id) references memberships (organization_id, user_id)
){table};

create table idempotency_keys (
    organization_id {int} not null references organizations (id),
    who text not null,
    key text not null,
    fingerprint {bytes} not null,
    -- Null until the request was answered.
    status {int},
    content_type text,
    body {bytes},
    created_at {int} not null,
    primary key (organization_id, who, key)
){table};
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- Names no row of another table, so that nothing that is taken away there takes anything away here.
create table audit (
    organization_id {int} not null,
    id {int} not null,
    at {int} not null,
    actor_kind text not null,
    actor_id {int},
    actor_name text not null,
    -- What is searched: the name and the target in lower case, which the engines would make differently.
    actor_key text not null,
    action text not null,
    target text not null,
    target_key text not null,
    detail text not null,
    address text not null,
    request_id text not null,
    primary key (organization_id, id)
){table};
create index audit_by_target on audit (organization_id, action, target, at);

-- Append-only, whoever asks: the database itself refuses.
--{sqlite} create trigger audit_is_never_changed before update on audit begin select raise(abort, 'the audit log is append-only'); end;
--{sqlite} create trigger audit_is_never_shortened before delete on audit begin select raise(abort, 'the audit log is append-only'); end;
--{postgres} create function audit_refuse() returns trigger language plpgsql as $$ begin raise exception 'the audit log is append-only'; end $$;
--{postgres} create trigger audit_is_never_changed before update or delete on audit for each row execute function audit_refuse();
--{postgres} create trigger audit_is_never_emptied before truncate on audit for each statement execute function audit_refuse();
