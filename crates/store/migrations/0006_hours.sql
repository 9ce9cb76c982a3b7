-- When in a day people used a tool, from sources that give instants: 24 counts of events a day, packed by the domain.
-- Slices that were read before have none until the archive is read again (`tacho reread`).

create table usage_hours (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    identity_id {int} not null,
    events {bytes} not null,
    primary key (organization_id, integration_id, stream, day, identity_id)
){clustered};

-- The roll-up: everybody's counts added up, and in which hours each person had any.
create table slice_hours (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    tool text not null,
    events {bytes} not null,
    people {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
--{postgres} alter table slice_hours alter column people set storage external;
