//! The disputes of the caller's environment, the newest first: what is asked for, and one page of
//! it.
//!
//! Without an account, the list is read from the entries of the search, day by day: one query a
//! day, and never a scan. Those entries are written from the table's stream, a few seconds after a
//! dispute was opened. With an account, the account's own list is read, which is never late.

use std::fmt;
use std::str::FromStr;

use recourse_dispute::channel::Channel;
use recourse_dispute::environment::Environment;
use recourse_dispute::ids::AccountId;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_edge::App;
use recourse_store::{DateRange, ListOwner, SearchKey};

use crate::ApiError;
use crate::query::{self, MAX_BYTES};

/// The largest page, and the usual one.
const MAX_LIMIT: u8 = 100;
const USUAL_LIMIT: u8 = 50;
/// How many days are listed where none are named, besides the last one.
const USUAL_DAYS: u32 = 30;
/// The longest range, in milliseconds: a leap year.
const MAX_RANGE_MS: u64 = 366 * DAY_MS.unsigned_abs();
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How many days one call looks at.
const MAX_QUERIES: usize = 31;
/// What cursors are sealed for. The place in one may be that of a draft, which is not shown.
const PURPOSE: &str = "cursor of GET /platform/v1/disputes";

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeQuery {
    account: Option<AccountId>,
    from: Day,
    to: Day,
    is_open: Option<bool>,
    channel: Option<Channel>,
    limit: u8,
    cursor: Option<Cursor>,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cursor {
    /// Of the list by days: the day, and after which dispute of it.
    Day(Day, Option<Place>),
    /// Of an account's list: after which dispute.
    Account(Place),
}

/// The place of a dispute in a list: when it was opened, and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    opened_at: String,
    number: DisputeNumber,
}

impl Place {
    /// The place of an entry with this sort key, which has its number with leading zeros.
    fn of_key(sk: &str) -> Option<Self> {
        let (opened_at, number) = sk.split_once('#')?;
        let is_time = opened_at.len() == 15 && opened_at.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<DisputeNumber> = number.trim_start_matches('0').parse().ok();
        number.filter(|_| is_time).map(|number| Self { opened_at: opened_at.to_owned(), number })
    }

    fn key(&self) -> String {
        format!("{}#{:015}", self.opened_at, self.number.get())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day, None) => write!(out, "{day}"),
            Self::Day(day, Some(Place { opened_at, number })) => write!(out, "{day}~{opened_at}~{number}"),
            Self::Account(Place { opened_at, number }) => write!(out, "{opened_at}~{number}"),
        }
    }
}

impl FromStr for Cursor {
    type Err = ();

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, ()> {
        let place = |text: &str| Place::of_key(&text.replacen('~', "#", 1)).ok_or(());
        let (first, rest) = match text.split_once('~') {
            Some((first, rest)) => (first, Some(rest)),
            None => (text, None),
        };
        match (Day::parse(first), rest) {
            (Ok(day), None) => Ok(Self::Day(day, None)),
            (Ok(day), Some(rest)) => Ok(Self::Day(day, Some(place(rest)?))),
            (Err(_), _) => Ok(Self::Account(place(text)?)),
        }
    }
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DisputePage {
    /// The disputes that were found, before the filters; [`DisputeQuery::takes`] says which are
    /// asked for.
    pub numbers: Vec<DisputeNumber>,
    /// Where the next page begins, sealed; `None` at the end.
    pub next: Option<String>,
}

/// What was found, and where the next page begins.
type Found = (Vec<DisputeNumber>, Option<Cursor>);

impl DisputeQuery {
    /// Reads a query as it was sent.
    ///
    /// # Errors
    /// [`ApiError::InvalidQuery`] with all that is wrong, or [`ApiError::Service`].
    pub async fn read(app: &App, query: &str) -> Result<Self, ApiError> {
        let sealed = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "cursor");
        let cursor: Option<Cursor> = match sealed.filter(|_| query.len() <= MAX_BYTES) {
            Some((_, sealed)) => app.open_text(&sealed, PURPOSE).await?.and_then(|text| text.parse().ok()),
            None => None,
        };
        Self::parse(query, app.context.now(), |_| cursor.clone())
    }

    /// Reads a query at `now`; `open` opens a cursor.
    fn parse(query: &str, now: UnixMillis, open: impl Fn(&str) -> Option<Cursor>) -> Result<Self, ApiError> {
        let (mut from, mut to) = (None, None);
        let today = Day::of(now);
        let mut read = Self {
            account: None,
            from: today,
            to: today,
            is_open: None,
            channel: None,
            limit: USUAL_LIMIT,
            cursor: None,
        };
        let taken = query::read(query, |name, text| {
            let day = || Day::parse(text).map(Some).map_err(|error| format!("{error}."));
            match name {
                "account" => AccountId::parse(text)
                    .map(|account| read.account = Some(account))
                    .map_err(|error| format!("{error}.")),
                "from" => day().map(|day| from = day),
                "to" => day().map(|day| to = day),
                "open" => text
                    .parse()
                    .map(|is_open| read.is_open = Some(is_open))
                    .map_err(|_| "must be true or false.".to_owned()),
                "channel" => {
                    read.channel = Channel::ALL.into_iter().find(|channel| channel.name() == text);
                    read.channel.map(|_| ()).ok_or_else(|| {
                        let names: Vec<_> = Channel::ALL.iter().map(|channel| channel.name()).collect();
                        format!("must be one of {}.", names.join(", "))
                    })
                }
                "limit" => query::limit(text, MAX_LIMIT).map(|limit| read.limit = limit),
                "cursor" => open(text)
                    .map(|cursor| read.cursor = Some(cursor))
                    .ok_or_else(|| "must be the next of an earlier answer.".to_owned()),
                _ => query::unknown(),
            }
        });
        let mut errors = taken.err().unwrap_or_default();
        read.to = to.unwrap_or(today);
        read.from = from.unwrap_or_else(|| before(read.to, USUAL_DAYS));
        if let Some(rule) = read.wrong_range() {
            errors.add("from", rule);
        }
        let is_of_account = matches!(read.cursor, Some(Cursor::Account(_)));
        if read.cursor.is_some() && is_of_account != read.account.is_some() {
            errors.add("cursor", "must be of an answer to the same query.");
        }
        if errors.is_empty() { Ok(read) } else { Err(ApiError::InvalidQuery(errors)) }
    }

    fn wrong_range(&self) -> Option<&'static str> {
        if self.from > self.to {
            return Some("must not be after to.");
        }
        let (from, to) = (begin(self.from)?, begin(self.to)?);
        (to.0.abs_diff(from.0) > MAX_RANGE_MS).then_some("must be at most 366 days before to.")
    }

    /// Whether a dispute that was found is asked for.
    #[must_use]
    pub fn takes(&self, is_open: bool, channel: Channel) -> bool {
        self.is_open.is_none_or(|wanted| wanted == is_open) && self.channel.is_none_or(|wanted| wanted == channel)
    }

    /// The next disputes of the list in an environment.
    ///
    /// # Errors
    /// [`ApiError::Service`].
    pub async fn page(&self, app: &App, environment: Environment) -> Result<DisputePage, ApiError> {
        let (numbers, next) = match &self.account {
            Some(account) => self.page_of(app, environment, account).await?,
            None => self.page_by_day(app, environment).await?,
        };
        let next = match next {
            Some(cursor) => Some(app.seal_text(&cursor.to_string(), PURPOSE).await?),
            None => None,
        };
        Ok(DisputePage { numbers, next })
    }

    async fn page_of(&self, app: &App, environment: Environment, account: &AccountId) -> Result<Found, ApiError> {
        if app.account(environment, account).await?.is_none() {
            return Ok(Found::default());
        }
        let opened = DateRange { from: begin(self.from), to: begin(self.to).map(|at| at.plus(DAY_MS - 1)) };
        let after = match &self.cursor {
            Some(Cursor::Account(place)) => Some(place.key()),
            _ => None,
        };
        let owner = ListOwner::Account(account.clone());
        let most = i32::from(self.limit);
        let (summaries, next) = app.store.dispute_summaries(&owner, opened, after.as_deref(), most).await?.all()?;
        let next = next.and_then(|sk| Place::of_key(&sk)).map(Cursor::Account);
        Ok((summaries.into_iter().map(|summary| summary.number).collect(), next))
    }

    async fn page_by_day(&self, app: &App, environment: Environment) -> Result<Found, ApiError> {
        let (mut day, mut after) = match &self.cursor {
            Some(Cursor::Day(day, after)) if *day <= self.to => (*day, after.clone()),
            _ => (self.to, None),
        };
        let mut numbers = Vec::new();
        for _ in 0..MAX_QUERIES {
            let room = usize::from(self.limit).saturating_sub(numbers.len());
            let room = u8::try_from(room).unwrap_or(MAX_LIMIT);
            if day < self.from {
                return Ok((numbers, None));
            }
            if room == 0 {
                break;
            }
            let start = after.as_ref().map(Place::key);
            let found = app.store.find(&SearchKey::Day(environment, day), start.as_deref(), room).await?;
            numbers.extend(found.numbers);
            after = found.next.as_deref().and_then(Place::of_key);
            if after.is_none() {
                let Some(previous) = day.previous() else { return Ok((numbers, None)) };
                day = previous;
            }
        }
        Ok((numbers, (day >= self.from).then_some(Cursor::Day(day, after))))
    }
}

/// The day so many days before.
fn before(day: Day, days: u32) -> Day {
    (0..days).fold(day, |day, _| day.previous().unwrap_or(day))
}

/// The first moment of a day.
fn begin(day: Day) -> Option<UnixMillis> {
    UnixMillis::parse(&format!("{day}T00:00:00Z")).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

    fn read(query: &str) -> Result<DisputeQuery, ApiError> {
        DisputeQuery::parse(query, NOW, |text| text.parse().ok())
    }

    fn wrong(query: &str) -> Vec<String> {
        let Err(ApiError::InvalidQuery(errors)) = read(query) else { panic!("{query}") };
        errors.fields().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn every_filter() {
        let day = |text: &str| Day::parse(text).unwrap();
        let usual = read("").unwrap();
        assert_eq!((usual.from, usual.to, usual.limit), (day("2025-11-01"), day("2025-12-01"), 50));
        let all = "account=acct_demo&from=2025-01-01&to=2025-02-01&open=true&channel=connect&limit=7";
        let query = read(&format!("{all}&cursor=001764547200000~551")).unwrap();
        assert_eq!((query.from, query.to, query.limit), (day("2025-01-01"), day("2025-02-01"), 7));
        assert!(query.takes(true, Channel::Connect));
        assert!(!query.takes(false, Channel::Connect) && !query.takes(true, Channel::Tutelar));
        assert!(usual.takes(false, Channel::Arbiter));
        assert_eq!(read("to=2025-03-31").unwrap().from, day("2025-03-01"));
    }

    #[test]
    fn all_that_is_wrong_is_named() {
        for (query, fields) in [
            ("account=a%20b", &["account"][..]),
            ("from=2025-02-30", &["from"]),
            ("from=2025-12-02", &["from"]),
            ("from=2024-11-29", &["from"]),
            ("open=yes&channel=x&limit=0", &["open", "channel", "limit"]),
            ("limit=101", &["limit"]),
            ("limit=%2B1", &["limit"]),
            ("limit=1&limit=2", &["limit"]),
            ("colour=x&=y", &["colour", "query"]),
            ("cursor=x", &["cursor"]),
            // A cursor goes on where it came from.
            ("cursor=001764547200000~551", &["cursor"]),
            ("account=acct_demo&cursor=2025-11-30", &["cursor"]),
        ] {
            assert_eq!(wrong(query), fields, "{query}");
        }
        assert_eq!(wrong(&"x".repeat(MAX_BYTES + 1)), ["query"]);
        assert!(read("from=2024-11-30").is_ok(), "366 days");
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for text in ["2025-11-30", "2025-11-30~001764547200000~551", "001764547200000~551"] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
        for text in
            ["", "2025-11-30~", "2025-11-30~1~2", "001764547200000~0", "001764547200000~5~6", "+01764547200000~5"]
        {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_leads_to_the_sort_key_that_it_came_from() {
        for key in ["001764547200000#000000000000551", "001764547200000#218340105584895"] {
            let place = Place::of_key(key).unwrap();
            assert_eq!(place.key(), key);
            let cursor = Cursor::Account(place);
            assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
        }
    }

    proptest! {
        #[test]
        fn no_query_panics(query in any::<String>(), cursor in "[-0-9~]{0,40}") {
            let _ = (read(&query), read(&format!("cursor={cursor}")));
        }
    }
}
