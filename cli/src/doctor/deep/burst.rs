//! Fifty reports of one transaction at once: at most one opens a case, and each gets an answer.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Check, Client};
use crate::ending::Failure;
use crate::signing_key::Stamp;
use crate::system;

const REPORTS: usize = 50;
/// The IIMMPACT API's one call.
const PATH: &str = "/v2/transactions/check";

/// Sends all reports of `refid` at once, or of a refid that no transaction has.
pub(super) fn reports(client: &Client, refid: Option<&str>) -> Result<Check, Failure> {
    let unknown = format!("doctor-{}", system::nonce()?);
    let body = json!({ "refid": refid.unwrap_or(&unknown) }).to_string();
    let mut requests = Vec::new();
    for _ in 0..REPORTS {
        requests.push(client.key.v1(Stamp::fresh()?, "POST", "", body.as_bytes())?);
    }
    let report = |headers: &[(&'static str, String)]| match client.service.post(PATH, headers, body.as_bytes()) {
        Ok(answer) if answer.body.contains(r#""status":"Success""#) => "200 Success".to_owned(),
        Ok(answer) => answer.status.to_string(),
        Err(_) => "no answer".to_owned(),
    };
    let answers: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = requests.iter().map(|headers| scope.spawn(|| report(headers))).collect();
        running.into_iter().map(|one| one.join().unwrap_or_else(|_| "no answer".to_owned())).collect()
    });
    Ok(judged(&answers, refid.is_some()))
}

fn judged(answers: &[String], known: bool) -> Check {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.as_str()).or_insert(0) += 1;
    }
    let found: Vec<String> = counts.iter().map(|(answer, count)| format!("{count} times {answer}")).collect();
    let found = format!("{} reports at once: {}", answers.len(), found.join(", "));
    let expected = |answer: &&str| if known { ["200 Success", "200"].contains(answer) } else { *answer == "400" };
    let check = "many reports";
    if counts.get("200 Success").is_some_and(|count| *count > 1) {
        return Check::wrong(
            check,
            found,
            "One transaction has two cases, which must never happen: report it to the maintainers",
        );
    }
    match counts.keys().find(|answer| !expected(answer)) {
        None => Check::ok(check, found),
        Some(&"429") => Check::wrong(check, found, "Raise RequestBurst, or ask AWS for more concurrency"),
        Some(&"503") => {
            Check::wrong(check, found, "Ask AWS for more concurrency: see FunctionThrottles in docs/runbook.md")
        }
        Some(_) => Check::wrong(
            check,
            found,
            "See ApiServerErrors in docs/runbook.md; is the key a client's, and IimmpactApi enabled?",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::CheckResult;
    use super::*;

    fn verdict(answers: &[(&str, usize)], known: bool) -> CheckResult {
        let answers: Vec<String> =
            answers.iter().flat_map(|(answer, count)| vec![(*answer).to_owned(); *count]).collect();
        judged(&answers, known).verdict
    }

    #[test]
    fn at_most_one_report_opens_a_case_and_every_answer_is_an_expected_one() {
        assert_eq!(verdict(&[("200 Success", 1), ("200", 49)], true), CheckResult::Ok);
        assert_eq!(verdict(&[("200", 50)], true), CheckResult::Ok);
        assert_eq!(verdict(&[("400", 50)], false), CheckResult::Ok);
        assert_eq!(verdict(&[("200 Success", 2), ("200", 48)], true), CheckResult::Wrong);
        for lost in ["429", "503", "500", "no answer", "403"] {
            assert_eq!(verdict(&[("200", 49), (lost, 1)], true), CheckResult::Wrong, "{lost}");
            assert_eq!(verdict(&[("400", 49), (lost, 1)], false), CheckResult::Wrong, "{lost}");
        }
    }
}
