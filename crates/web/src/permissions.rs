//! `docs/permissions.md`: who may what and who may go where, written from the tables that the server itself asks.

use crate::routes::{RouteRow, route_table};
use crate::routing::Gate;
use std::fmt::Write;
use tacho_domain::{Permission, Role};

const HEAD: &str = "# Permissions

Made from the code by `TACHO_WRITE_DOCS=1 cargo nextest run -p tacho-web permissions`; a test fails where it is out of date, and
another walks every address below with every role, in its own organization and with ids of another one.

A role is what somebody is to one organization. An API token may what its role *and* its scopes allow; scopes have the names of
permissions, and a token without any may nothing. A new account is a member unless its invitation says otherwise. Nothing is granted
by leaving something out.
";

const ROWS: &str = "
Permissions open a door; whose rows stand behind it is decided per row: a lead sees the individual numbers of today's members of their
own teams, a member and an administrator their own, a viewer nobody's. Totals are of everyone, whoever asks. An id of another
organization names nothing (404), as if it had never been given out.
";

const ROUTES: &str = "
## Addresses

`yes`: the address answers. `no`: it answers 403. A visitor is sent to sign in: 401, pages with the form. Where several permissions
are named, one is enough to come in, and each opens its own rows: `connect_own_tools` one's own integrations, `manage_integrations` the
organization's. Addresses for anyone look after themselves: one-time links, sign-in, probes, the API's description.

";

/// The text of `docs/permissions.md`.
pub fn permissions_page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n## Roles\n\n| role | is |\n|---|---|\n");
    for role in Role::ALL {
        let _ = writeln!(page, "| {role} | {} |", role.describe());
    }
    let names = Role::ALL.map(Role::as_str).join(" | ");
    let _ = write!(
        page,
        "\n## What each role may\n\n| permission | allows to | {names} |\n|---|---{}|\n",
        "|:-:".repeat(Role::ALL.len())
    );
    for permission in Permission::ALL {
        let cells = Role::ALL.map(|role| if role.may(permission) { "yes" } else { "-" }).join(" | ");
        let _ = writeln!(page, "| `{permission}` | {} | {cells} |", permission.describe());
    }
    page.push_str(ROWS);
    page.push_str(ROUTES);
    let _ = write!(page, "| method | address | needs | {names} |\n|---|---|---{}|\n", "|:-:".repeat(Role::ALL.len()));
    let mut rows = route_table();
    rows.sort_by(|one, other| (&one.path, one.method.as_str()).cmp(&(&other.path, other.method.as_str())));
    for RouteRow { method, path, gate } in rows {
        let cells = Role::ALL.map(|role| if gate.lets_in(role) { "yes" } else { "no" }).join(" | ");
        let _ = writeln!(page, "| {method} | `{path}` | {gate} | {cells} |");
    }
    page
}

impl Gate {
    /// Whether somebody of that role gets through; row by row the handler looks again.
    pub fn lets_in(self, role: Role) -> bool {
        match self {
            Self::Open | Self::SignedIn => true,
            Self::Needs(permission) => role.may(permission),
            Self::NeedsOne(any) => any.iter().any(|permission| role.may(*permission)),
        }
    }
}
