//! What the streams of a repository host are called: the same whatever the connector, so that a report finds them.

/// Merged pull requests, by the UTC day of the merge.
pub const PULL_REQUESTS: &str = "pull_requests";
/// Which files they changed; read where an operator switched it on.
pub const CHANGED_FILES: &str = "changed_files";
/// Deployments, by the UTC day they began on; read where an operator said what a deployment is.
pub const DEPLOYMENTS: &str = "deployments";
/// The host's own totals by repository, added up: kept beside ours.
pub const REPOSITORY_TOTALS: &str = "repos_daily";
/// A vendor's records of commits made with its tool; read where an operator switched it on.
pub const COMMIT_RECORDS: &str = "commit_records";
