//! Invented names. Any likeness is chance: the lists are crossed by arithmetic.

const FIRST: [&str; 64] = [
    "Ada", "Amara", "Anouk", "Aron", "Bao", "Bela", "Bruno", "Carla", "Chidi", "Dana", "Davor", "Dilan", "Edda", "Elif", "Emeka",
    "Enzo", "Farah", "Femi", "Freya", "Gita", "Goran", "Hana", "Henrik", "Ines", "Iva", "Jana", "Jonas", "Juno", "Kai", "Kamala",
    "Kenji", "Lara", "Leif", "Lina", "Luca", "Mai", "Marek", "Mira", "Nadia", "Nils", "Noor", "Olga", "Omar", "Oona", "Pablo",
    "Petra", "Quinn", "Ravi", "Rosa", "Runa", "Sami", "Selma", "Sven", "Tariq", "Tess", "Tomas", "Uma", "Vera", "Viktor",
    "Wanda", "Xenia", "Yara", "Yusuf", "Zora",
];

const LAST: [&str; 80] = [
    "Abara", "Adeyo", "Albrek", "Amsel", "Andor", "Arkwell", "Baltar", "Barrow", "Beline", "Birken", "Blanc", "Bodnar", "Brask",
    "Calder", "Castell", "Corvin", "Dahlen", "Darrow", "Delmar", "Dorsa", "Eklund", "Elmore", "Endo", "Fabry", "Falk", "Ferro",
    "Fjeld", "Galvan", "Garland", "Gorski", "Hadid", "Halden", "Harrow", "Hoshi", "Ibara", "Ilves", "Iversen", "Jansky", "Jarvi",
    "Kadar", "Kamei", "Keller", "Kovan", "Krall", "Lacroy", "Larkin", "Lindqv", "Lorenz", "Madsen", "Marlow", "Mbeki", "Merino",
    "Moreau", "Nadar", "Nakano", "Novik", "Obara", "Okoro", "Olsen", "Orlov", "Pallas", "Pereni", "Petrov", "Quist", "Rahal",
    "Renner", "Rios", "Rossan", "Sabel", "Sandor", "Sato", "Silven", "Tanaka", "Thorne", "Ulven", "Varga", "Wexler", "Yamada",
    "Zeller", "Zubir",
];

const TEAMS: [&str; 12] = [
    "Platform",
    "Payments",
    "Mobile",
    "Search",
    "Data",
    "Growth",
    "Security",
    "Billing",
    "Frontend",
    "Observability",
    "Identity",
    "Integrations",
];

/// First name, last name, and a number where the lists are used up. No two indexes give the same three.
pub(crate) fn person(index: usize, offset: usize) -> (&'static str, &'static str, Option<usize>) {
    let all = FIRST.len() * LAST.len();
    // 2741 shares no divisor with 5120, so every pair comes once before any comes again.
    let place = (index % all * 2_741 + offset) % all;
    let again = index / all;
    (FIRST[place % FIRST.len()], LAST[place / FIRST.len()], (again > 0).then_some(again + 1))
}

/// A team's name and its slug.
pub(crate) fn team(index: usize) -> (String, String) {
    let name = TEAMS[index % TEAMS.len()];
    match index / TEAMS.len() {
        0 => (name.to_owned(), name.to_lowercase()),
        again => (format!("{name} {}", again + 1), format!("{}-{}", name.to_lowercase(), again + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_people_share_a_name() {
        let names: BTreeSet<_> = (0..12_000).map(|index| person(index, 77)).collect();
        assert_eq!(names.len(), 12_000);
    }
}
