-- What pages about teams are made of. All of it is filled from the rows that are there once this has run.

-- The parts of a counted slice by model, language, editor and feature as one packed value, person by person: what a team's
-- parts are added up from (src/facts/parts.rs).
create table slice_parts (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    packed {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
--{postgres} alter table slice_parts alter column packed set storage external;

-- All teams of a vendor's snapshot as one packed value: a window of days of all teams is as many rows as days (src/facts/columns.rs).
create table slice_team_lists (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    teams {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
--{postgres} alter table slice_team_lists alter column teams set storage external;

-- Everybody's counts of events by hour, packed person by person (src/facts/hours.rs).
alter table slice_hours add column counts {bytes};
--{postgres} alter table slice_hours alter column counts set storage external;
