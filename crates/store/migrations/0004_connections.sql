-- What is known of a connection besides how its syncs end.

-- Whose it is; null: the organization's.
alter table integrations add column owner_id {int};
-- How its secret was got: `secret`, `oauth`, `app`.
alter table integrations add column auth text not null default 'secret';
-- Names between blanks; null where the vendor does not tell.
alter table integrations add column granted_scopes text;
-- What was asked for beyond what is needed, names between blanks.
alter table integrations add column extra_scopes text not null default '';
alter table integrations add column credential_expires_at {int};
-- What the connection doctor found when it last tried every endpoint.
alter table integrations add column probed_at {int};
alter table integrations add column probed text;

-- How far the newest sync of an integration is, whichever process runs it.
create table sync_progress (
    organization_id {int} not null,
    integration_id {int} not null,
    state text not null,
    done {int} not null,
    total {int} not null,
    -- The stream it is at.
    stream text,
    begun_at {int} not null,
    -- When this was written.
    at {int} not null,
    primary key (organization_id, integration_id),
    foreign key (organization_id, integration_id) references integrations (organization_id, id)
){table};
