//! Which cases a page shows: its list and its filters, as they are in its address.

use recourse_dispute::channel::Channel;
use recourse_dispute::environment::Environment;
use recourse_operations::labels;
use recourse_store::{QueueCursor, QueueFilter, QueueOwner, QueueView};
use recourse_support::case::{AgentName, Kind, State};

use super::NOBODY;
use crate::ConsoleError;
use crate::text::capitalized;

/// Where the page is.
const PATH: &str = "/console/queue";
const MINE: &str = "mine";
const DISPUTES: &str = "disputes";

/// A list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Cases in this state.
    State(State),
    /// The visitor's own.
    Mine,
    /// Live disputes of the APIs without a support process.
    Disputes,
}

/// The lists, in the order of the page.
const LISTS: [List; 8] = [
    List::State(State::WaitingForAgent),
    List::Mine,
    List::State(State::New),
    List::State(State::WaitingForProvider),
    List::State(State::WaitingForCustomer),
    List::State(State::Answered),
    List::State(State::Resolved),
    List::Disputes,
];

impl List {
    /// As it is in an address.
    fn name(self) -> &'static str {
        match self {
            Self::State(state) => state.name(),
            Self::Mine => MINE,
            Self::Disputes => DISPUTES,
        }
    }

    /// As people read it.
    fn label(self) -> String {
        match self {
            Self::State(state) => capitalized(labels::support_state(state)),
            Self::Mine => "Mine".to_owned(),
            Self::Disputes => "Other APIs".to_owned(),
        }
    }

    fn has_kinds(self) -> bool {
        self != Self::Disputes
    }

    /// Whether its cases may be an agent's or nobody's.
    fn has_owners(self) -> bool {
        !matches!(self, Self::Mine | Self::Disputes | Self::State(State::Resolved))
    }
}

/// Which cases a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) list: List,
    channel: Option<Channel>,
    environment: Option<Environment>,
    kind: Option<Kind>,
    owner: Option<QueueOwner>,
    /// After which place in the list.
    pub(super) after: Option<QueueCursor>,
}

/// A link to another list.
pub(super) struct Tab {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) is_current: bool,
}

/// A filter.
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) options: Vec<Select>,
}

/// A value of a filter.
pub(super) struct Select {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_selected: bool,
}

impl Selection {
    /// Reads a page's query.
    ///
    /// # Errors
    /// [`ConsoleError::BadForm`] for a filter with a value that it cannot have.
    pub(super) fn read(query: &str) -> Result<Self, ConsoleError> {
        let mut read = Self {
            list: List::State(State::WaitingForAgent),
            channel: None,
            environment: None,
            kind: None,
            owner: None,
            after: None,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            match &*name {
                "list" => read.list = one_of(LISTS, List::name, &value)?,
                "channel" => read.channel = Some(one_of(Channel::ALL, Channel::name, &value)?),
                "environment" => read.environment = Some(one_of(ENVIRONMENTS, Environment::name, &value)?),
                "kind" => read.kind = Some(one_of(Kind::ALL, Kind::name, &value)?),
                "owner" if value == NOBODY => read.owner = Some(QueueOwner::NoAgent),
                "owner" => read.owner = Some(QueueOwner::Agent(AgentName::parse(&value).map_err(|_| unknown())?)),
                "after" => read.after = Some(value.parse().map_err(|_| unknown())?),
                // Whoever adds something to an address gets the page all the same.
                _ => {}
            }
        }
        if !read.list.has_kinds() {
            read.kind = None;
        }
        if !read.list.has_owners() {
            read.owner = None;
        }
        Ok(read)
    }

    /// What the store is asked for, by an operator of this name.
    pub(super) fn filter(&self, me: &AgentName) -> QueueFilter {
        let view = match self.list {
            List::State(state) => QueueView::State(state),
            List::Mine => QueueView::Agent(me.clone()),
            List::Disputes => QueueView::Disputes,
        };
        let Self { channel, environment, kind, owner, .. } = self.clone();
        QueueFilter { view, channel, environment, kind, owner }
    }

    pub(super) fn title(&self) -> String {
        self.list.label()
    }

    /// The list's name in an address, for the form of the filters.
    pub(super) fn list_name(&self) -> &'static str {
        self.list.name()
    }

    /// Whether some cases of the list are left out.
    pub(super) fn is_filtered(&self) -> bool {
        self.channel.is_some() || self.environment.is_some() || self.kind.is_some() || self.owner.is_some()
    }

    /// The address of this page.
    pub(super) fn here(&self) -> String {
        self.address(self.after)
    }

    /// The address of the list's page after a place.
    pub(super) fn address(&self, after: Option<QueueCursor>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("list", self.list.name());
        let owner = self.owner.as_ref().map(|owner| match owner {
            QueueOwner::NoAgent => NOBODY,
            QueueOwner::Agent(name) => name.as_str(),
        });
        let after = after.map(|after| after.to_string());
        let pairs = [
            ("channel", self.channel.map(Channel::name)),
            ("environment", self.environment.map(Environment::name)),
            ("kind", self.kind.map(Kind::name)),
            ("owner", owner),
            ("after", after.as_deref()),
        ];
        query.extend_pairs(pairs.into_iter().filter_map(|(name, value)| Some((name, value?))));
        format!("{PATH}?{}", query.finish())
    }

    /// The address of the list's first page.
    pub(super) fn first(&self) -> String {
        self.address(None)
    }

    /// The address of the list without any filter.
    pub(super) fn unfiltered(&self) -> String {
        format!("{PATH}?list={}", self.list.name())
    }

    /// Links to all lists, with the same filters.
    pub(super) fn tabs(&self) -> Vec<Tab> {
        let link = |list: List| {
            let mut there = Self { list, ..self.clone() };
            there.kind = there.kind.filter(|_| list.has_kinds());
            there.owner = there.owner.filter(|_| list.has_owners());
            Tab { label: list.label(), href: there.first(), is_current: list == self.list }
        };
        LISTS.map(link).into()
    }

    /// The filters that the list has. Agents who are no operators any more can be looked for by the
    /// address alone.
    pub(super) fn choices(&self, agents: &[String]) -> Vec<Choice> {
        let mut choices = Vec::new();
        let add = |choices: &mut Vec<Choice>, name, label, options: Vec<(String, String)>, selected: Option<&str>| {
            let any = [(String::new(), "any".to_owned())];
            let options = any.into_iter().chain(options).map(|(value, label)| Select {
                is_selected: value == selected.unwrap_or_default(),
                value,
                label,
            });
            choices.push(Choice { name, label, options: options.collect() });
        };
        let same = |name: &str| (name.to_owned(), name.to_owned());
        let channels = Channel::ALL.map(|channel| (channel.name().to_owned(), labels::channel(channel).to_owned()));
        add(&mut choices, "channel", "API", channels.into(), self.channel.map(Channel::name));
        if self.list.has_kinds() {
            let kinds = Kind::ALL.map(|kind| (kind.name().to_owned(), labels::kind(kind).to_owned()));
            add(&mut choices, "kind", "Kind", kinds.into(), self.kind.map(Kind::name));
        }
        if self.list.has_owners() {
            let selected = self.owner.as_ref().map(|owner| match owner {
                QueueOwner::NoAgent => NOBODY,
                QueueOwner::Agent(name) => name.as_str(),
            });
            let mut owners = vec![(NOBODY.to_owned(), "no agent".to_owned())];
            owners.extend(agents.iter().map(|name| same(name)));
            owners
                .extend(selected.filter(|name| *name != NOBODY && !agents.iter().any(|agent| agent == name)).map(same));
            add(&mut choices, "owner", "Owner", owners, selected);
        }
        let environments = ENVIRONMENTS.map(|environment| same(environment.name()));
        add(&mut choices, "environment", "Environment", environments.into(), self.environment.map(Environment::name));
        choices
    }
}

const ENVIRONMENTS: [Environment; 2] = [Environment::Production, Environment::Staging];

fn unknown() -> ConsoleError {
    ConsoleError::BadForm("The address of this page has a filter with a value that it cannot have.")
}

fn one_of<T: Copy, const N: usize>(
    all: [T; N],
    name: impl Fn(T) -> &'static str,
    text: &str,
) -> Result<T, ConsoleError> {
    all.into_iter().find(|one| name(*one) == text).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_was_written() {
        for query in [
            "list=waiting_for_agent",
            "list=mine&kind=voucher",
            "list=disputes&channel=arbiter&environment=staging&after=1764547200000.551",
            "list=new&owner=nobody",
            "list=waiting_for_customer&owner=Aisyah+R.",
        ] {
            assert_eq!(Selection::read(query).unwrap().here(), format!("/console/queue?{query}"));
        }
        assert_eq!(Selection::read("").unwrap().here(), "/console/queue?list=waiting_for_agent");
        assert_eq!(Selection::read("list=new&utm=x&kind=&owner=").unwrap().here(), "/console/queue?list=new");
        let no_owner = Selection::read("list=resolved&owner=Ben").unwrap();
        assert_eq!(no_owner.here(), "/console/queue?list=resolved", "nobody has it");
    }

    #[test]
    fn a_value_that_a_filter_cannot_have_is_refused() {
        let long = format!("owner={}", "x".repeat(65));
        for query in [
            "list=all",
            "list=Mine",
            "channel=platform",
            "kind=Voucher",
            "environment=",
            "environment=test",
            "owner=a%0Ab",
            "owner=automation",
            &long,
            "after=1",
            "after=-1.1",
            "after=%3Cscript%3E",
        ] {
            let read = Selection::read(query);
            if query == "environment=" {
                assert!(read.is_ok(), "an empty filter is none");
            } else {
                assert!(matches!(read, Err(ConsoleError::BadForm(_))), "{query}");
            }
        }
    }

    #[test]
    fn a_list_has_the_filters_that_mean_something_there() {
        let names = |query: &str| {
            let choices = Selection::read(query).unwrap().choices(&["Aisyah".to_owned()]);
            choices.iter().map(|choice| choice.name).collect::<Vec<_>>()
        };
        assert_eq!(names("list=new"), ["channel", "kind", "owner", "environment"]);
        assert_eq!(names("list=mine"), ["channel", "kind", "environment"]);
        assert_eq!(names("list=disputes"), ["channel", "environment"]);
        let choices = Selection::read("list=new&owner=Gone").unwrap().choices(&["Aisyah".to_owned()]);
        let owners: Vec<_> = choices[2].options.iter().map(|option| (&*option.value, option.is_selected)).collect();
        assert_eq!(owners, [("", false), ("nobody", false), ("Aisyah", false), ("Gone", true)]);
    }

    #[test]
    fn another_list_keeps_the_filters_and_begins_anew() {
        let here = Selection::read("list=new&owner=Ben&kind=bill&after=1.1").unwrap();
        let hrefs: Vec<_> = here.tabs().iter().map(|tab| tab.href.clone()).collect();
        assert_eq!(hrefs[0], "/console/queue?list=waiting_for_agent&kind=bill&owner=Ben");
        assert_eq!(hrefs[1], "/console/queue?list=mine&kind=bill");
        assert_eq!(hrefs[7], "/console/queue?list=disputes");
        assert_eq!(here.tabs().iter().filter(|tab| tab.is_current).count(), 1);
    }
}
