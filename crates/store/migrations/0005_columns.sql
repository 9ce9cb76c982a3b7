-- Each measure of a counted slice as one value, in the order in which slice_people packs its people: a window's sums per
-- person are read from these, never from the rows. What slice_people holds already, the interactions, is not here. Both
-- tables are filled from the rows that are there once this has run (src/facts/columns.rs).
create table slice_columns (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    measure text not null,
    packed {bytes} not null,
    primary key (organization_id, day, integration_id, stream, measure)
){table};
--{postgres} alter table slice_columns alter column packed set storage external;

-- The identities that a vendor's snapshot names in each team, a bit each: a window of days is read at once.
create table slice_teams (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    team_key text not null,
    identities {bytes} not null,
    primary key (organization_id, day, integration_id, stream, team_key)
){table};
--{postgres} alter table slice_teams alter column identities set storage external;
