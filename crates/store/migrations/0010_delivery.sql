-- Delivery: merged pull requests, deployments and changed files; the secrets and ids of webhooks; answers to surveys. Titles,
-- bodies and code are in none of it.

-- What repositories are called; their host's numeric ids stay when names change.
create table repositories (
    organization_id {int} not null,
    id {int} not null,
    name text not null,
    -- When that was read: of an older day too the host tells today's name.
    named_at {int} not null,
    primary key (organization_id, id)
){table};

-- One row a merged pull request, by the UTC day of the merge: for its own page. Reports read the packed days below.
create table pull_requests (
    organization_id {int} not null,
    integration_id {int} not null,
    stream text not null,
    day {int} not null,
    repository_id {int} not null,
    number {int} not null,
    author_kind text not null,
    -- The identity credited; null where the host does not tell.
    author_id {int},
    created_at {int} not null,
    ready_at {int},
    merged_at {int} not null,
    first_commit_at {int},
    last_commit_at {int},
    first_review_at {int},
    last_approval_at {int},
    approvals {int} not null,
    additions {int} not null,
    deletions {int} not null,
    changed_files {int} not null,
    commits {int} not null,
    -- One a line.
    labels text not null,
    -- One a line: kind, blank, agent.
    signals text not null,
    merge_commit text,
    reverts_number {int},
    reverts_commit text,
    truncated {int} not null,
    primary key (organization_id, integration_id, stream, day, repository_id, number)
){clustered};
create index pull_requests_by_number on pull_requests (organization_id, repository_id, number);
create index pull_requests_by_author on pull_requests (organization_id, author_id, day);

-- A day's pull requests as one packed value.
create table slice_pull_requests (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    pulls {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
--{postgres} alter table slice_pull_requests alter column pulls set storage external;

create table deployments (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    repository_id {int} not null,
    key text not null,
    created_at {int} not null,
    finished_at {int},
    outcome text not null,
    commit_oid text,
    primary key (organization_id, day, integration_id, stream, repository_id, key)
){clustered};

-- Which files a day's pull requests changed, as fingerprints, packed.
create table slice_changed_files (
    organization_id {int} not null,
    day {int} not null,
    integration_id {int} not null,
    stream text not null,
    files {bytes} not null,
    primary key (organization_id, day, integration_id, stream)
){table};
--{postgres} alter table slice_changed_files alter column files set storage external;

-- What an integration's host signs its deliveries with, sealed.
create table webhook_secrets (
    organization_id {int} not null,
    integration_id {int} not null,
    data_key_id {int} not null references data_keys (id),
    nonce {bytes} not null,
    sealed {bytes} not null,
    by_whom text not null,
    created_at {int} not null,
    primary key (organization_id, integration_id),
    foreign key (organization_id, integration_id) references integrations (organization_id, id)
){table};

-- Deliveries that were genuine: a second one with the same id is not heard again.
create table webhook_deliveries (
    organization_id {int} not null,
    integration_id {int} not null,
    delivery text not null,
    event text not null,
    received_at {int} not null,
    primary key (organization_id, integration_id, delivery)
){table};
create index webhook_deliveries_by_time on webhook_deliveries (organization_id, integration_id, received_at);

-- Since when an organization asks authors and reviewers; null, or no row: it does not.
create table surveys (
    organization_id {int} not null primary key references organizations (id),
    since {int},
    -- Counts every change of this and of the answers, so that whoever watches sees one.
    changes {int} not null,
    by_whom text not null
){table};

create table survey_answers (
    organization_id {int} not null,
    repository_id {int} not null,
    number {int} not null,
    role text not null,
    member_id {int} not null,
    -- The day the pull request was merged on.
    day {int} not null,
    answer text not null,
    minutes_saved {int},
    answered_at {int} not null,
    primary key (organization_id, repository_id, number, role, member_id),
    foreign key (organization_id, member_id) references members (organization_id, id)
){table};
create index survey_answers_by_day on survey_answers (organization_id, day);
