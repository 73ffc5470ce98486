//! Which entries are wanted.

use form_urlencoded::Serializer;
use recourse_dispute::time::{Day, UnixMillis};
use recourse_operations::typed_case;
use recourse_store::{AuditDays, AuditLogCursor, AuditLogFilter};

use crate::error::ConsoleError;
use crate::form::Form;

/// The most days that a list goes through.
const MAX_DAYS: usize = 366;
/// How many days a list has, if nothing else is said: those six before its last day, too.
const DAYS_BEFORE: usize = 6;
/// The longest name of a person or an action, in characters.
const MAX_NAME: usize = 64;

const NO_DAY: &str = "A day must be written as 2026-01-31.";
const BACKWARDS: &str = "The first day is after the last one. Swap them.";
const TOO_LONG: &str = "That is more than 366 days. Choose fewer.";
const NO_CASE: &str = "A case must be a case id such as RC-0000008t, or its number.";
const NO_NAME: &str = "A person or an action has at most 64 characters.";
const NO_PLACE: &str = "The link to older entries cannot be read. Filter again.";

/// What the form has, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FilterForm {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) operator: String,
    pub(super) action: String,
    pub(super) case: String,
    after: String,
}

/// What the form means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filters {
    pub(super) days: AuditDays,
    pub(super) filter: AuditLogFilter,
    pub(super) after: Option<AuditLogCursor>,
}

impl FilterForm {
    pub(super) fn read(form: &Form) -> Result<Self, ConsoleError> {
        let field = |name| Ok::<_, ConsoleError>(form.opt(name)?.unwrap_or_default().trim().to_owned());
        Ok(Self {
            from: field("from")?,
            to: field("to")?,
            operator: field("operator")?,
            action: field("action")?,
            case: field("case")?,
            after: field("after")?,
        })
    }

    /// What it means; why it means nothing.
    pub(super) fn filters(&self, now: UnixMillis) -> Result<Filters, &'static str> {
        let day = |text: &str| some(text).map(|text| Day::parse(text).map_err(|_| NO_DAY)).transpose();
        let name = |text: &str| match text.chars().count() {
            0..=MAX_NAME => Ok(some(text).map(str::to_owned)),
            _ => Err(NO_NAME),
        };
        let to = day(&self.to)?.unwrap_or_else(|| Day::of(now));
        let from = day(&self.from)?.unwrap_or_else(|| before(to, DAYS_BEFORE));
        if from > to {
            return Err(BACKWARDS);
        }
        if from <= before(to, MAX_DAYS) {
            return Err(TOO_LONG);
        }
        let case = some(&self.case).map(|case| typed_case(case).map_err(|_| NO_CASE)).transpose()?;
        let after = some(&self.after).map(|after| after.parse().map_err(|_| NO_PLACE)).transpose()?;
        let filter = AuditLogFilter { operator: name(&self.operator)?, action: name(&self.action)?, case };
        Ok(Filters { days: AuditDays { from, to }, filter, after })
    }

    /// The address of a page with the same entries, from `after` on.
    pub(super) fn address(&self, path: &str, after: Option<&AuditLogCursor>) -> String {
        let mut query = Serializer::new(String::new());
        let fields = [
            ("from", &self.from),
            ("to", &self.to),
            ("operator", &self.operator),
            ("action", &self.action),
            ("case", &self.case),
        ];
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        if let Some(after) = after {
            query.append_pair("after", &after.to_string());
        }
        format!("{path}?{}", query.finish())
    }
}

impl Filters {
    /// The form with its days filled in, so that a link to older entries keeps them.
    pub(super) fn typed(&self, typed: &FilterForm) -> FilterForm {
        FilterForm { from: self.days.from.to_string(), to: self.days.to.to_string(), ..typed.clone() }
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// So many days before a day.
fn before(day: Day, days: usize) -> Day {
    (0..days).try_fold(day, |day, _| day.previous()).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::testing::request;

    const NOW: UnixMillis = UnixMillis(1_764_547_200_000);

    fn typed(query: &str) -> FilterForm {
        let request = serde_json::json!({
            "rawPath": "/console/audit", "rawQueryString": query,
            "requestContext": {"http": {"method": "GET", "sourceIp": "192.0.2.7"}}
        });
        FilterForm::read(&Form::of_address(&serde_json::from_value(request).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn a_list_has_the_last_seven_days_and_what_the_form_names() {
        let filters = typed("").filters(NOW).unwrap();
        assert_eq!(
            (filters.days.from.to_string(), filters.days.to.to_string()),
            ("2025-11-25".into(), "2025-12-01".into())
        );
        assert_eq!((filters.filter, filters.after), (AuditLogFilter::default(), None));
        let all =
            typed("from=2025-11-01&to=2025-11-30&operator=+Aisyah+R.&action=reply&case=rc-0000008t&after=2025-11-07");
        let filters = all.filters(NOW).unwrap();
        assert_eq!(filters.filter.operator.as_deref(), Some("Aisyah R."));
        assert_eq!(filters.filter.case.map(|case| case.get()), Some(551));
        let after = filters.after.unwrap();
        assert_eq!(after.day().to_string(), "2025-11-07");
        assert_eq!(
            all.address("/console/audit", Some(&after)),
            "/console/audit?from=2025-11-01&to=2025-11-30&operator=Aisyah+R.&action=reply&case=rc-0000008t&after=2025-11-07"
        );
        assert_eq!(typed("").address("/console/audit.csv", None), "/console/audit.csv?");
    }

    #[test]
    fn what_means_nothing_is_explained() {
        let long = format!("action={}", "x".repeat(65));
        for (query, wrong) in [
            ("from=yesterday", NO_DAY),
            ("to=2026-02-30", NO_DAY),
            ("from=2025-11-02&to=2025-11-01", BACKWARDS),
            ("from=2024-11-29&to=2025-11-30", TOO_LONG),
            ("case=RC-1", NO_CASE),
            (long.as_str(), NO_NAME),
            ("after=2026-01-01~x", NO_PLACE),
        ] {
            assert_eq!(typed(query).filters(NOW), Err(wrong), "{query}");
        }
        assert!(typed("from=2024-12-01&to=2025-12-01").filters(NOW).is_ok(), "a year and a day");
        let twice = request("GET", &[], &[], "");
        assert_eq!(FilterForm::read(&Form::of_address(&twice).unwrap()).unwrap(), FilterForm::default());
    }
}
