-- What a person's page reads of older months in place of each of their days. A month of an organization is rolled up where
-- rolled_months names it; whoever replaces, restates or removes a slice of it takes that row away in the same transaction, and
-- the others with it (src/person_months.rs). Keyed by identity, so that matching people anew changes nothing here.
create table rolled_months (
    organization_id {int} not null,
    -- Its first day.
    month {int} not null,
    primary key (organization_id, month)
){table};

create table tool_months (
    organization_id {int} not null,
    month {int} not null,
    tool text not null,
    -- The days on which nobody in it means that nobody did anything, a bit each.
    knows_activity {int} not null,
    primary key (organization_id, month, tool)
){clustered};

create table person_months (
    organization_id {int} not null,
    month {int} not null,
    -- 64 identities with numbers in a row.
    bucket {int} not null,
    tool text not null,
    packed {bytes} not null,
    primary key (organization_id, month, bucket, tool)
){clustered};
