//! The filters of `GET /disputes` (Arbiter contract, "Calls"). All are optional.
//!
//! A parameter that is no filter is refused, at every call of this API (Recourse-specific): passed
//! over, a misspelt filter would answer with disputes that were not asked for.

use recourse_dispute::ids::DomainCode;
use recourse_dispute::lifecycle::Category;
use recourse_dispute::time::{InvalidTimestamp, UnixMillis};
use recourse_edge::{FieldErrors, Request};
use recourse_store::{DateRange, DisputeSummary};
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::ApiError;

/// The most of a query that is read, in bytes.
const MAX_BYTES: usize = 4 * 1024;
/// The largest page, and the usual one.
const MAX_ON_A_PAGE: u32 = 100;
const PAGE_RULE: &str = "must be a whole number from 1 to 4294967295.";
/// `yyyy-MM-dd HH:mm:ss`, in UTC.
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
/// In bytes.
const LENGTH_OF_A_DATE: usize = 19;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// From 1.
    pub page: u32,
    /// 1 to 100.
    pub size: u32,
    /// One dispute.
    pub log_code: Option<String>,
    /// The customer's bank.
    pub issuer: Option<DomainCode>,
    /// The merchant's bank.
    pub acquirer: Option<DomainCode>,
    /// Who was paid.
    pub merchant: Option<DomainCode>,
    /// The transaction's region.
    pub region: Option<String>,
    /// The category.
    pub category: Option<Category>,
    /// The status, as it is printed.
    pub status: Option<&'static str>,
    /// When the transaction was made.
    pub transaction: DateRange,
    /// When the dispute was logged.
    pub created: DateRange,
    /// When its status is scheduled to end.
    pub expiry: DateRange,
}

impl Default for Query {
    fn default() -> Self {
        let none = DateRange::default();
        Self {
            page: 1,
            size: MAX_ON_A_PAGE,
            log_code: None,
            issuer: None,
            acquirer: None,
            merchant: None,
            region: None,
            category: None,
            status: None,
            transaction: none,
            created: none,
            expiry: none,
        }
    }
}

impl Query {
    /// Reads a query as it was sent. A parameter without a value counts as not sent.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] with all that is wrong.
    pub fn read(query: &str) -> Result<Self, ApiError> {
        let mut errors = FieldErrors::default();
        if query.len() > MAX_BYTES {
            errors.add("query", format!("must not be longer than {MAX_BYTES} bytes."));
            return Err(ApiError::Invalid(errors));
        }
        let mut read = Self::default();
        let mut seen = Vec::new();
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            if text.is_empty() {
                if Self::default().take(&name, &text).is_none() {
                    unknown(&name, &mut errors);
                }
                continue;
            }
            let Some(taken) = read.take(&name, &text) else {
                unknown(&name, &mut errors);
                continue;
            };
            if seen.contains(&name) {
                errors.add(&name, "must appear only once.");
                continue;
            }
            if let Err(rule) = taken {
                errors.add(&name, rule);
            }
            seen.push(name);
        }
        if errors.is_empty() { Ok(read) } else { Err(ApiError::Invalid(errors)) }
    }

    /// Takes one parameter; `None` when it is no filter.
    fn take(&mut self, name: &str, text: &str) -> Option<Result<(), &'static str>> {
        let code = || DomainCode::parse(text).map(Some).map_err(|_| "must be a domain code.");
        let date = || moment(text).map(Some).ok_or_else(|| invalid_date(text));
        // An end is the whole of its second.
        let end = || date().map(|at: Option<UnixMillis>| at.map(|at| at.plus(999)));
        Some(match name {
            "pageNum" => number(text, u32::MAX).map(|page| self.page = page).ok_or(PAGE_RULE),
            "pageSize" => {
                number(text, MAX_ON_A_PAGE).map(|size| self.size = size).ok_or("must be a whole number from 1 to 100.")
            }
            "logCode" => {
                self.log_code = Some(text.to_owned());
                Ok(())
            }
            "issuerCode" => code().map(|code| self.issuer = code),
            "acquirerCode" => code().map(|code| self.acquirer = code),
            "merchantCode" => code().map(|code| self.merchant = code),
            "region" => {
                self.region = Some(text.to_owned());
                Ok(())
            }
            "category" => {
                self.category = Category::parse(text);
                self.category.map(|_| ()).ok_or("must be one of the dispute categories.")
            }
            "status" => {
                self.status = Category::parse_status(text);
                self.status.map(|_| ()).ok_or("must be one of the categories' statuses.")
            }
            "transactionStartDate" => date().map(|at| self.transaction.from = at),
            "transactionEndDate" => end().map(|at| self.transaction.to = at),
            "createdStartDate" => date().map(|at| self.created.from = at),
            "createdEndDate" => end().map(|at| self.created.to = at),
            "expiryStartDate" => date().map(|at| self.expiry.from = at),
            "expiryEndDate" => end().map(|at| self.expiry.to = at),
            _ => return None,
        })
    }

    /// Whether nothing but status and category is asked for, so that the counters know how many
    /// there are.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        let by_counters = Self { page: 1, size: MAX_ON_A_PAGE, category: None, status: None, ..self.clone() };
        by_counters == Self::default()
    }

    /// Whether a dispute is asked for. What the API does not show never is.
    #[must_use]
    pub fn takes(&self, summary: &DisputeSummary) -> bool {
        fn fits<T: PartialEq>(wanted: Option<&T>, is: Option<&T>) -> bool {
            wanted.is_none_or(|wanted| is == Some(wanted))
        }
        let within = |range: DateRange, at: Option<UnixMillis>| match at {
            Some(at) => range.from.is_none_or(|from| from <= at) && range.to.is_none_or(|to| at <= to),
            None => range == DateRange::default(),
        };
        summary.status.is_some()
            && self.status.is_none_or(|status| summary.status.as_deref() == Some(status))
            && fits(self.issuer.as_ref(), summary.issuer.as_ref())
            && fits(self.acquirer.as_ref(), summary.acquirer.as_ref())
            && fits(self.merchant.as_ref(), summary.merchant.as_ref())
            && fits(self.region.as_ref(), summary.region.as_ref())
            && fits(self.category.as_ref(), Some(&summary.category))
            && within(self.transaction, Some(summary.occurred_at))
            && within(self.created, Some(summary.opened_at))
            && within(self.expiry, summary.ends_at)
    }
}

/// Refuses the parameters of a call that takes none.
///
/// # Errors
/// [`ApiError::Invalid`] names them.
pub fn takes_no_query(request: &Request) -> Result<(), ApiError> {
    let mut errors = FieldErrors::default();
    if request.query.len() > MAX_BYTES {
        errors.add("query", format!("must not be longer than {MAX_BYTES} bytes."));
    } else {
        for (name, _) in form_urlencoded::parse(request.query.as_bytes()) {
            unknown(&name, &mut errors);
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(errors)) }
}

/// Adds a parameter that the call does not take; one that is there more than once is named once.
fn unknown(name: &str, errors: &mut FieldErrors) {
    let name = if name.is_empty() { "query" } else { name };
    if !errors.fields().contains(&name) {
        errors.add(name, "is no parameter of this call.");
    }
}

fn number(text: &str, most: u32) -> Option<u32> {
    let number: u32 = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
    (1..=most).contains(&number).then_some(number)
}

/// A date and time in UTC, in all its digits: the parser takes a sign before the year.
fn moment(text: &str) -> Option<UnixMillis> {
    let plain = text.len() == LENGTH_OF_A_DATE && text.starts_with(|first: char| first.is_ascii_digit());
    let at = plain.then(|| PrimitiveDateTime::parse(text, DATE).ok())??;
    Some(UnixMillis(at.assume_utc().unix_timestamp().saturating_mul(1000)))
}

/// What is wrong with a date and time that [`moment`] does not read.
fn invalid_date(text: &str) -> &'static str {
    match UnixMillis::parse(&format!("{}Z", text.replacen(' ', "T", 1))) {
        Err(InvalidTimestamp::NoSuchDay) if !text.contains(['T', 't']) => "must name a day that exists.",
        _ => "must be a date and time as yyyy-MM-dd HH:mm:ss.",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_filter() {
        let read = Query::read(
            "pageNum=2&pageSize=10&logCode=FBN00II551&issuerCode=FBN&acquirerCode=GTB&merchantCode=AIRTEL&region=Domestic+Bill%20Payment\
             &category=co_acquired&status=PRE_ARBITRATION&transactionStartDate=2018-05-30%2008:04:20&transactionEndDate=2018-05-30+08:04:20\
             &createdStartDate=2019-01-01%2000:00:00&createdEndDate=2019-12-31%2023:59:59&expiryStartDate=2019-01-01 00:00:00\
             &expiryEndDate=2020-01-01 00:00:00&category=",
        )
        .unwrap();
        assert_eq!((read.page, read.size), (2, 10));
        assert_eq!(read.region.as_deref(), Some("Domestic Bill Payment"));
        assert_eq!((read.category, read.status), (Some(Category::CoAcquired), Some("Pre Arbitration")));
        let second = UnixMillis::parse("2018-05-30T08:04:20Z").unwrap();
        assert_eq!(read.transaction, DateRange { from: Some(second), to: Some(second.plus(999)) });
        assert!(!read.is_counted());
        assert_eq!(Query::read("").unwrap(), Query::default());
        assert!(Query::read("status=accepted&category=Refund&pageNum=7&pageSize=1").unwrap().is_counted());
        assert!(!Query::read("region=x").unwrap().is_counted());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, field) in [
            ("pageNum=0", "pageNum"),
            ("pageNum=-1", "pageNum"),
            ("pageNum=4294967296", "pageNum"),
            ("pageSize=101", "pageSize"),
            ("pageSize=ten", "pageSize"),
            ("category=Chargebacks", "category"),
            ("status=Open", "status"),
            ("issuerCode=a%20b", "issuerCode"),
            ("createdStartDate=2019-01-01", "createdStartDate"),
            ("createdStartDate=-2019-01-01 00:00:00", "createdStartDate"),
            ("createdEndDate=%2B2019-01-01 00:00:00", "createdEndDate"),
            ("expiryEndDate=2019-02-30 00:00:00", "expiryEndDate"),
            ("region=a&region=b", "region"),
            ("Status=Accepted", "Status"),
            ("satus=Accepted&satus=", "satus"),
            ("colour=", "colour"),
            ("=x", "query"),
        ] {
            let Err(ApiError::Invalid(errors)) = Query::read(query) else { panic!("{query}") };
            assert_eq!(errors.fields(), [field], "{query}");
        }
        assert!(Query::read(&"x".repeat(MAX_BYTES + 1)).is_err());
    }

    #[test]
    fn a_day_that_does_not_exist_and_a_page_that_is_too_large_are_told_apart() {
        assert_eq!(PAGE_RULE, format!("must be a whole number from 1 to {}.", u32::MAX));
        let form = "must be a date and time as yyyy-MM-dd HH:mm:ss.";
        for (date, rule) in [
            ("2019-02-30 00:00:00", "must name a day that exists."),
            ("2019-02-30", form),
            ("2019-02-30T00:00:00", form),
            ("2019-02-03T00:00:00", form),
            ("2019-02-03 25:00:00", form),
            ("\u{3000}2019-02-30 0:0:0", form),
        ] {
            assert_eq!(Query::default().take("expiryEndDate", date), Some(Err(rule)), "{date}");
        }
    }

    #[test]
    fn a_call_without_parameters_takes_none() {
        let request = |query: &str| -> Request {
            let event =
                serde_json::json!({ "rawQueryString": query, "requestContext": { "http": { "method": "GET" } } });
            serde_json::from_value(event).unwrap()
        };
        assert_eq!((takes_no_query(&request("")), takes_no_query(&request("&"))), (Ok(()), Ok(())));
        for (query, fields) in [("pageNum=1", vec!["pageNum"]), ("b&a=1&b=2", vec!["b", "a"])] {
            let Err(ApiError::Invalid(errors)) = takes_no_query(&request(query)) else { panic!("{query}") };
            assert_eq!(errors.fields(), fields, "{query}");
        }
        assert!(takes_no_query(&request(&"x".repeat(MAX_BYTES + 1))).is_err());
    }

    proptest! {
        #[test]
        fn no_query_panics(query in any::<String>(), date in "[-0-9: ]{0,24}") {
            let _ = Query::read(&query);
            let _ = Query::read(&format!("createdStartDate={date}&createdEndDate={date}"));
        }
    }
}
