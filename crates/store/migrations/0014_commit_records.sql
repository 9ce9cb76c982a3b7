-- Vendors' records of commits made with their tools, and the commits of merged pull requests that they are held against: a day
-- of either is one packed value. Messages, file names, repositories and branches are in none of it.

create table slice_commit_records (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    records {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
--{postgres} alter table slice_commit_records alter column records set storage external;

-- Apart from the pull requests themselves, so that reports of organizations without such records never read them.
create table slice_pull_commits (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    commits {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
--{postgres} alter table slice_pull_commits alter column commits set storage external;
