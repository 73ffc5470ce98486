//! Every state at every API, reachable or not.

use std::collections::HashSet;

use super::arbiter::arbiter_status;
use super::{connect, tutelar};
use crate::lifecycle::{Action, Category, Closing, Level, Stage, State, transition};

/// Every state that a dispute of this category can get to, from all the ways to begin.
fn reachable(category: Category) -> HashSet<State> {
    let mut found = HashSet::from([State::Draft, State::initial(category), State::CLOSED_ON_CREATION]);
    let mut fresh: Vec<State> = found.iter().copied().collect();
    while let Some(state) = fresh.pop() {
        for next in Action::ALL.into_iter().filter_map(|action| transition(state, category, action).ok()) {
            if found.insert(next) {
                fresh.push(next);
            }
        }
    }
    found
}

/// The table of views, row by row, written out once more.
fn row(state: State, category: Category) -> (Option<&'static str>, [&'static str; 2], (&'static str, u32)) {
    match state {
        State::Draft => (None, ["open", "pending"], ("DRAFT", 0)),
        State::Live(stage) => (Some(category.status(stage)), ["open", "pending"], ("CREATED", 600)),
        State::Closed { closing, .. } => match closing {
            Closing::Customer => (Some("Accepted"), ["closed", "lost"], ("CREATED", 600)),
            Closing::Merchant => (Some("Declined"), ["closed", "won"], ("CREATED", 600)),
            Closing::Cancelled => (None, ["closed", "pending"], ("CANCELLED", 99_999)),
            Closing::Withdrawn => (Some("Declined"), ["closed", "pending"], ("CANCELLED", 99_999)),
            Closing::Refunded => (Some("Accepted"), ["closed", "pending"], ("CANCELLED", 99_999)),
            Closing::ClosedOnCreation => (Some("Accepted"), ["closed", "pending"], ("CREATED", 600)),
        },
    }
}

/// Tutelar's level 1, 2, 3 is first stage, pre-arbitration, arbitration, of what is closed, too.
fn level_of(state: State) -> Level {
    match state {
        State::Draft => Level::One,
        State::Live(stage) | State::Closed { stage, .. } => match stage {
            Stage::First | Stage::Representment => Level::One,
            Stage::PreArbitration | Stage::PreArbitrationTwo => Level::Two,
            Stage::Arbitration => Level::Three,
        },
    }
}

#[test]
fn every_state_has_the_tables_view_at_every_api() {
    for category in Category::ALL {
        for state in State::all() {
            let tutelar::View { status, verdict, level } = tutelar::view(state);
            assert_eq!(level, level_of(state), "{state:?}");
            let connect = connect::view(state);
            let views = (arbiter_status(state, category), [status, verdict], (connect.status, connect.status_code));
            assert_eq!(views, row(state, category), "{state:?} of {category}");
        }
    }
}

#[test]
fn what_can_be_reached_shows_only_published_words() {
    for category in Category::ALL {
        let published = category.statuses();
        for state in reachable(category) {
            if let Some(status) = arbiter_status(state, category) {
                assert!(published.contains(&status), "{state:?} of {category} shows {status}");
            }
            if let State::Live(stage) = state {
                assert!(category.stages().contains(&stage), "{category} reaches {stage:?}");
            }
        }
    }
}

#[test]
fn every_published_status_can_be_reached() {
    for category in Category::ALL {
        let shown: HashSet<_> =
            reachable(category).into_iter().filter_map(|state| arbiter_status(state, category)).collect();
        assert_eq!(shown, category.statuses().into_iter().collect(), "{category}");
    }
}

#[test]
fn a_lock_is_held_exactly_while_a_dispute_is_open() {
    for state in State::all() {
        assert_eq!(state.is_open(), tutelar::view(state).status == "open", "{state:?}");
        assert_eq!(state.is_open(), state.party_due().is_some(), "{state:?}");
    }
}

#[test]
fn a_closed_dispute_keeps_its_level() {
    let closed = State::Closed { closing: Closing::Merchant, stage: Stage::PreArbitrationTwo };
    assert_eq!(tutelar::view(closed), tutelar::View { status: "closed", verdict: "won", level: Level::Two });
}
