//! What every page has around its content.

use recourse_store::{OperatorRole, Permission};

use crate::assets;

/// The frame of a page: the template's member `frame`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The page's title.
    pub title: String,
    /// Who is signed in.
    pub person: Option<Person>,
    /// The value of the hidden field `csrf`, which every form has.
    pub csrf: String,
    nav: Nav,
}

/// Who is signed in, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The role.
    pub role: OperatorRole,
}

/// The entry of the navigation that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// No entry.
    None,
    /// The cases to work on. The page of a case belongs here.
    Queue,
    /// Search.
    Search,
    /// The numbers.
    Numbers,
    /// The settings.
    Settings,
    /// The audit log.
    Audit,
}

/// An entry of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether the page belongs to it.
    pub is_current: bool,
}

/// The entries, each with what it takes to see it.
const LINKS: [(Nav, Permission, &str, &str); 5] = [
    (Nav::Queue, Permission::Read, "Queue", "/console/queue"),
    (Nav::Search, Permission::Read, "Search", "/console/search"),
    (Nav::Numbers, Permission::Read, "Numbers", "/console/numbers"),
    (Nav::Settings, Permission::SeeSettings, "Settings", "/console/settings"),
    (Nav::Audit, Permission::Audit, "Audit", "/console/audit"),
];

impl Frame {
    pub(crate) fn new(title: &str, person: Person, csrf: &str, nav: Nav) -> Self {
        Self { title: title.to_owned(), person: Some(person), csrf: csrf.to_owned(), nav }
    }

    /// The frame of a page for somebody who is not signed in.
    #[must_use]
    pub fn anonymous(title: &str) -> Self {
        Self { title: title.to_owned(), person: None, csrf: String::new(), nav: Nav::None }
    }

    /// The navigation: what the role may see.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let Some(person) = &self.person else { return Vec::new() };
        let seen = LINKS.into_iter().filter(|(_, permission, ..)| person.role.may(*permission));
        seen.map(|(nav, _, label, href)| Link { label, href, is_current: nav == self.nav }).collect()
    }

    /// The address of an asset, by its name.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}
