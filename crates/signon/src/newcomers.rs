//! Who gets an account by themselves, and which role groups give. An empty configuration grants nothing.

use crate::Person;
use crate::refusal::{Kind, Refusal};
use crate::telling::plain;
use tacho_domain::Role;

/// One line of the table from groups to roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// The group, as the provider names it.
    pub group: String,
    /// The role it gives.
    pub role: Role,
}

/// Reads `group=role` lines.
///
/// # Errors
/// The line that cannot be read, and what is expected.
pub fn parse_role_rows(lines: &[String]) -> Result<Vec<RoleRow>, String> {
    let read = |line: &String| {
        let (group, role) = line.rsplit_once('=').unwrap_or((line, ""));
        match Role::parse(role.trim()) {
            Some(role) if !group.trim().is_empty() => Ok(RoleRow { group: group.trim().to_owned(), role }),
            _ => {
                let roles = Role::ALL.map(Role::as_str).join(", ");
                Err(format!("`{}` is not `group=role` with one of the roles {roles}", plain(line)))
            }
        }
    };
    lines.iter().map(read).collect()
}

/// The rules for somebody whom Tacho does not know, and for roles by groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newcomers {
    /// Domains whose verified addresses get an account: `example.com`. Empty: none does.
    pub domains: Vec<String>,
    /// Groups and roles; the first line that fits counts. Empty: groups mean nothing.
    pub roles: Vec<RoleRow>,
    /// The role of whoever fits no line; `None`: they are refused.
    pub role: Option<Role>,
}

/// What becomes of somebody unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// They get an account with that role.
    Admitted(Role),
    /// They do not; why, and what helps.
    Refused(String),
}

impl Newcomers {
    /// The role that groups give; `None` where there is no table, so that roles are decided in Tacho.
    ///
    /// # Errors
    /// When nobody without a fitting group is let in.
    pub fn role_of(&self, groups: &[String]) -> Result<Option<Role>, Refusal> {
        if self.roles.is_empty() {
            return Ok(None);
        }
        let fits = self.roles.iter().find(|row| groups.contains(&row.group)).map(|row| row.role);
        fits.or(self.role).map(Some).ok_or_else(|| {
            let cause = "None of your groups gives you a role in Tacho.";
            Refusal::new(Kind::NotAdmitted, cause, "Ask whoever manages your groups, or the server's operator (`oidc_roles`).")
        })
    }

    /// Whether somebody unknown gets an account. `vouched` is another reason than their address's domain.
    #[must_use]
    pub fn admit(&self, person: &Person, mapped: Option<Role>, vouched: bool) -> Admission {
        let domain = person.email.rsplit_once('@').map_or("", |(_, domain)| domain);
        let allowed = self.domains.iter().any(|known| known.trim_start_matches('@').eq_ignore_ascii_case(domain));
        let invite = "Ask an administrator of Tacho to invite you.";
        match mapped.or(self.role) {
            _ if !allowed && !vouched => {
                Admission::Refused(format!("Nobody has invited `{}` to Tacho. {invite}", plain(&person.email)))
            }
            Some(role) => Admission::Admitted(role),
            None => Admission::Refused(format!("Signing in gives `{}` no role here. {invite}", plain(&person.email))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(email: &str) -> Person {
        Person { subject: "1".into(), email: email.into(), name: None, login: None, groups: Vec::new() }
    }

    fn rows() -> Vec<RoleRow> {
        parse_role_rows(&["tacho admins=admin".into(), "staff = manager".into()]).unwrap()
    }

    #[test]
    fn an_empty_configuration_grants_nothing() {
        let nobody = Newcomers::default();
        assert!(matches!(nobody.admit(&person("ada@example.com"), None, false), Admission::Refused(_)));
        assert!(matches!(nobody.admit(&person("ada@example.com"), None, true), Admission::Refused(_)));
        let with_role = Newcomers { role: Some(Role::Member), ..Newcomers::default() };
        assert!(matches!(with_role.admit(&person("ada@example.com"), None, false), Admission::Refused(_)));
    }

    #[test]
    fn a_domain_lets_in_its_own_addresses_only() {
        let rules = Newcomers { domains: vec!["Example.com".into()], role: Some(Role::Member), ..Newcomers::default() };
        assert_eq!(rules.admit(&person("ada@example.com"), None, false), Admission::Admitted(Role::Member));
        for other in
            ["ada@sub.example.com", "ada@notexample.com", "ada@example.com.evil.example", "example.com", "a@b@evil.example"]
        {
            assert!(matches!(rules.admit(&person(other), None, false), Admission::Refused(_)), "{other}");
        }
    }

    #[test]
    fn the_first_fitting_group_gives_the_role() {
        let rules = Newcomers { roles: rows(), ..Newcomers::default() };
        let groups = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(rules.role_of(&groups(&["staff", "tacho admins"])), Ok(Some(Role::Admin)));
        assert_eq!(rules.role_of(&groups(&["staff"])), Ok(Some(Role::Manager)));
        assert_eq!(rules.role_of(&groups(&["Staff"])).unwrap_err().kind, Kind::NotAdmitted);
        let lenient = Newcomers { role: Some(Role::Member), ..rules };
        assert_eq!(lenient.role_of(&[]), Ok(Some(Role::Member)));
        assert_eq!(Newcomers::default().role_of(&groups(&["staff"])), Ok(None));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        for wrong in ["staff", "=admin", "staff=boss"] {
            assert!(parse_role_rows(&[wrong.to_owned()]).unwrap_err().contains(wrong));
        }
    }
}
