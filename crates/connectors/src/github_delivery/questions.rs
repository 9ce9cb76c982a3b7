//! What is asked of GitHub in GraphQL, word by word. No title, no body, no line of code.
//!
//! A question costs `(1 + the number of nested lists that are opened) / 100` points, rounded: fifty pull requests with four
//! lists each are 201 / 100, which is 2. A fifth list would make it 3, so assignees are not asked for. The list of a commit's
//! authors would be opened for every commit (26 points); its message names them as well.
//! <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api> (read 2026-11-21)

/// Merged pull requests. `repositoryOwner` is `null` where nobody of that name can be seen: a search for such a name is
/// answered with no pull requests, as if there were none.
pub(super) const PULL_REQUESTS: &str = "query($owner: String!, $q: String!, $first: Int!, $after: String) { \
     rateLimit { cost remaining resetAt } \
     owner: repositoryOwner(login: $owner) { login } \
     search(query: $q, type: ISSUE, first: $first, after: $after) { \
     issueCount pageInfo { hasNextPage endCursor } \
     nodes { __typename ... on PullRequest { \
     number createdAt mergedAt additions deletions changedFiles headRefName \
     repository { databaseId nameWithOwner } \
     author { __typename login ... on User { databaseId } ... on Bot { databaseId } } \
     labels(first: 10) { totalCount nodes { name } } \
     reviews(first: 20) { totalCount nodes { submittedAt state \
     author { __typename login ... on User { databaseId } ... on Bot { databaseId } } } } \
     ready: timelineItems(itemTypes: [READY_FOR_REVIEW_EVENT], last: 1) { nodes { ... on ReadyForReviewEvent { createdAt } } } \
     commits(first: 50) { totalCount nodes { commit { oid authoredDate message \
     author { email user { login databaseId } } committer { email user { login databaseId } } } } } \
     mergeCommit { oid message } } } } }";

/// The files of merged pull requests: one list each, 1 point for fifty.
pub(super) const CHANGED_FILES: &str = "query($owner: String!, $q: String!, $first: Int!, $after: String) { \
     rateLimit { cost remaining resetAt } \
     owner: repositoryOwner(login: $owner) { login } \
     search(query: $q, type: ISSUE, first: $first, after: $after) { \
     issueCount pageInfo { hasNextPage endCursor } \
     nodes { __typename ... on PullRequest { number mergedAt repository { databaseId nameWithOwner } \
     files(first: 100) { totalCount nodes { path additions deletions } } } } } }";

/// Deployments to one environment, by repository, newest first. Twenty times twenty lists of states are 4 points. All states
/// are asked for and not the latest: a deployment that went live is `INACTIVE` once the next one did.
pub(super) const DEPLOYMENTS: &str = "query($owner: String!, $environment: String!, $first: Int!, $after: String) { \
     rateLimit { cost remaining resetAt } \
     owner: repositoryOwner(login: $owner) { \
     repositories(first: $first, after: $after, ownerAffiliations: [OWNER]) { pageInfo { hasNextPage endCursor } \
     nodes { databaseId nameWithOwner \
     deployments(environments: [$environment], first: 20, orderBy: {field: CREATED_AT, direction: DESC}) { \
     pageInfo { hasNextPage endCursor } \
     nodes { databaseId createdAt commitOid statuses(first: 10) { nodes { state createdAt } } } } } } } }";

/// The older deployments of one repository.
pub(super) const MORE_DEPLOYMENTS: &str = "query($owner: String!, $name: String!, $environment: String!, $after: String) { \
     rateLimit { cost remaining resetAt } \
     repository(owner: $owner, name: $name) { databaseId nameWithOwner \
     deployments(environments: [$environment], first: 100, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) { \
     pageInfo { hasNextPage endCursor } \
     nodes { databaseId createdAt commitOid statuses(first: 10) { nodes { state createdAt } } } } } }";

/// Releases, by repository, newest first: 1 point for fifty repositories.
pub(super) const RELEASES: &str = "query($owner: String!, $first: Int!, $after: String) { \
     rateLimit { cost remaining resetAt } \
     owner: repositoryOwner(login: $owner) { \
     repositories(first: $first, after: $after, ownerAffiliations: [OWNER]) { pageInfo { hasNextPage endCursor } \
     nodes { databaseId nameWithOwner \
     releases(first: 20, orderBy: {field: CREATED_AT, direction: DESC}) { pageInfo { hasNextPage endCursor } \
     nodes { databaseId createdAt publishedAt isDraft isPrerelease tagCommit { oid } } } } } } }";

/// The older releases of one repository.
pub(super) const MORE_RELEASES: &str = "query($owner: String!, $name: String!, $after: String) { \
     rateLimit { cost remaining resetAt } \
     repository(owner: $owner, name: $name) { databaseId nameWithOwner \
     releases(first: 100, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) { \
     pageInfo { hasNextPage endCursor } \
     nodes { databaseId createdAt publishedAt isDraft isPrerelease tagCommit { oid } } } } }";
