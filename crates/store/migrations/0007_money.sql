-- Money: costs of a day by article and model, what may be spent in a month, and seats that are not to be called idle.

-- As `slice_costs`, for counted streams only, by what the vendor's bill names.
create table slice_cost_lines (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    ledger text not null,
    sku text not null,
    -- Empty where the vendor names none.
    model text not null,
    tool text not null,
    quantity_micros {int},
    gross_micros {int} not null,
    net_micros {int},
    primary key (organization_id, day, integration_id, stream, ledger, sku, model)
){clustered};

insert into slice_cost_lines
    (organization_id, day, integration_id, stream, ledger, sku, model, tool, quantity_micros, gross_micros, net_micros)
select s.organization_id, s.day, s.integration_id, s.stream, s.ledger, c.sku, c.model, s.tool,
       cast(sum(c.quantity_micros) as {int}), cast(sum(c.gross_micros) as {int}), cast(sum(c.net_micros) as {int})
from slice_costs s join cost_daily c
     on c.organization_id = s.organization_id and c.integration_id = s.integration_id and c.stream = s.stream
        and c.day = s.day and c.ledger = s.ledger
group by s.organization_id, s.day, s.integration_id, s.stream, s.ledger, c.sku, c.model, s.tool;

create table budgets (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    -- Empty: all tools together.
    tool text not null,
    basis text not null,
    monthly_micros {int} not null,
    by_whom text not null,
    changed_at {int} not null,
    primary key (organization_id, id),
    unique (organization_id, tool, basis)
){table};

create table seat_exclusions (
    organization_id {int} not null references organizations (id),
    id {int} not null,
    member_id {int} not null,
    -- Empty: every seat of theirs.
    tool text not null,
    reason text not null,
    -- The last day; without one it lasts.
    until_day {int},
    by_whom text not null,
    made_at {int} not null,
    primary key (organization_id, id),
    unique (organization_id, member_id, tool),
    foreign key (organization_id, member_id) references members (organization_id, id)
){table};
