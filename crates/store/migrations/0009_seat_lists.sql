-- Each vendor's list of seats of a day as one packed value, beside its rows: pages judge every seat of the newest list. Filled
-- from the rows that are there once this has run (src/facts/seat_lists.rs).
create table slice_seat_lists (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    seats {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
--{postgres} alter table slice_seat_lists alter column seats set storage external;
