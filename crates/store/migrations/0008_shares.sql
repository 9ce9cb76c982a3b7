-- What members show to others: numbers as they were when the link was made, under a secret of which the hash is kept.
create table shares (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    member_id {int} not null,
    -- A visitor names no organization, so the hash is unique by itself.
    hash {bytes} not null unique,
    -- What is shown, as JSON: it never changes after.
    card text not null,
    views {int} not null,
    made_by {int},
    created_at {int} not null,
    expires_at {int} not null,
    primary key (organization_id, id),
    foreign key (organization_id, member_id) references members (organization_id, id)
){table};
create index shares_of_member on shares (organization_id, member_id);
