//! Erasing a person's data by a mail address, for admins alone.
//!
//! An address is only ever in the body of a form. First the page says what would be erased; then it
//! is ordered by typing the address once more. One form erases so many cases as fit into the time
//! of a request, and the next one goes on. Whatever breaks off is carried on by the same form.

use std::collections::BTreeMap;

use askama::Template;
use recourse_dispute::addresses::MailAddress;
use recourse_dispute::number::DisputeNumber;
use recourse_dispute::text::visible;
use recourse_edge::{ApiResponse, ServiceError};
use recourse_operations::{Certificate, ForgetBatch, ForgetError, ForgetOrder, ForgetOutcome, forget as erase};
use recourse_store::{AuditContext, Permission};

use super::{FormError, FormResult, Layout, Page, SettingsPages, SettingsRequest, after_order, no_order, rule};
use crate::action::AuditAction;
use crate::page::attachment;
use crate::{ConsoleError, Form, Frame, html};

/// How many cases one form erases at most.
const CASES_AT_ONCE: usize = 20;
/// For how long a form begins with further cases. A function has 15 seconds.
const BUDGET_MS: i64 = 7_000;
/// How many cases can be named besides those that are found.
const MAX_NAMED: usize = 20;
/// The most cases that a form says are written down.
const MAX_NOTED: usize = 1_000_000;
/// What is to be done after a look that did not end.
const LOOK_AGAIN: &str = "Nothing was changed. Look again in a minute.";
/// What is to be done after an order that did not end: some of its writes may have happened.
const ORDER_AGAIN: &str = "Some of it may be erased, and what is erased stays so. Look again what there is, or send \
                           the form once more in a minute: it goes on where it was.";

#[derive(Template)]
#[template(path = "settings-forget.html")]
struct ForgetPage {
    frame: Frame,
    layout: Layout,
    /// The address that was typed, for the next form.
    email: String,
    /// Whether nothing is stored of it.
    is_nothing: bool,
    /// What would be erased.
    plan: Option<Shown>,
    /// How far an erasure is.
    progress: Option<Progress>,
    /// The certificate that was just issued, or the earlier ones.
    certificates: Vec<Shown>,
}

/// A certificate, or a plan of one, for people.
struct Shown {
    id: String,
    digest: String,
    erased_address: Option<String>,
    begun: String,
    finished: Option<String>,
    by: String,
    why: String,
    live: Vec<String>,
    totals: Vec<Count>,
    cases: Vec<ShownCase>,
    stays: Vec<&'static str>,
    not_known: Vec<&'static str>,
}

struct ShownCase {
    /// None for the mails that belong to no case.
    id: Option<String>,
    is_live: bool,
    what: Vec<Count>,
}

/// How many things of a kind.
struct Count {
    kind: String,
    count: u64,
}

/// How far an erasure is, and how many cases it has written down.
struct Progress {
    done: usize,
    noted: usize,
}

/// What a form orders.
struct Ordered {
    email: MailAddress,
    cases: Vec<DisputeNumber>,
    live: bool,
    noted: usize,
}

impl Ordered {
    fn read(form: &Form) -> Result<Self, FormError> {
        let email = rule("The mail address", MailAddress::parse_typed(form.one("email")?))?;
        let named = form.opt("cases")?.unwrap_or_default();
        let named = named.split(|c: char| c.is_whitespace() || c == ',').filter(|name| !name.is_empty());
        let named: Vec<&str> = named.take(MAX_NAMED + 1).collect();
        if named.len() > MAX_NAMED {
            return Err(FormError::Invalid(format!("At most {MAX_NAMED} further cases can be named.")));
        }
        let case = |name: &&str| rule("A case", DisputeNumber::from_any_view(name));
        let noted = form.opt("noted")?.map_or(Ok(0), str::parse).ok().filter(|noted| *noted <= MAX_NOTED);
        Ok(Self {
            email,
            cases: named.iter().map(case).collect::<Result<_, _>>()?,
            live: form.opt("live")?.is_some(),
            noted: noted.ok_or(ConsoleError::BadForm("The form does not say how far it is."))?,
        })
    }
}

/// The page before anything is asked.
pub(super) async fn show(request: &SettingsRequest<'_>) -> Result<ApiResponse, ConsoleError> {
    request.visitor.may(Permission::Forget)?;
    request.visitor.viewed(request.app, AuditAction::SettingsForget, None).await?;
    page(request, FormResult::of(request), 200, "shown", |_| {})
}

/// Answers with the page.
fn page(
    request: &SettingsRequest<'_>,
    form_result: FormResult,
    status: u16,
    outcome: &'static str,
    with: impl FnOnce(&mut ForgetPage),
) -> Result<ApiResponse, ConsoleError> {
    let mut page = ForgetPage {
        frame: request.frame(Page::Forget),
        layout: request.layout(Page::Forget, form_result)?,
        email: String::new(),
        is_nothing: false,
        plan: None,
        progress: None,
        certificates: Vec::new(),
    };
    with(&mut page);
    Ok(html(status, outcome, &page))
}

/// A form about an address.
pub(super) async fn change(
    request: &SettingsRequest<'_>,
    pages: &SettingsPages,
    form: Form,
) -> Result<ApiResponse, ConsoleError> {
    request.visitor.may(Permission::Forget)?;
    let answered = match form.one("do")? {
        "look" => Box::pin(look(request, pages, &form, FormResult::default())).await,
        "erase" => Box::pin(order(request, pages, &form)).await,
        "certificate" => download(request, &form).await,
        _ => Err(no_order()),
    };
    match answered {
        Ok(answer) => Ok(answer),
        Err(FormError::Console(error)) => Err(error),
        Err(FormError::Invalid(error)) => page(request, FormResult::refused(error, form), 422, "refused", |_| {}),
    }
}

/// What would be erased. Nothing is changed.
async fn look(
    request: &SettingsRequest<'_>,
    pages: &SettingsPages,
    form: &Form,
    form_result: FormResult,
) -> Result<ApiResponse, FormError> {
    let ordered = Ordered::read(form)?;
    request.visitor.viewed(request.app, AuditAction::ForgetLook, None).await?;
    let audit = AuditContext { why: None, ..request.audit(form)? };
    let outcome = run(request, pages, &ordered, (&audit, true)).await?.map_err(|error| refused(error, LOOK_AGAIN))?;
    let is_refused = form_result.error.is_some();
    let (status, log) = if is_refused { (422, "refused") } else { (200, "shown") };
    let answer = page(request, form_result, status, log, |page| {
        ordered.email.as_str().clone_into(&mut page.email);
        match outcome {
            ForgetOutcome::Nothing(earlier) => {
                page.is_nothing = true;
                page.certificates = earlier.iter().map(shown).collect();
            }
            ForgetOutcome::Planned(plan) => page.plan = Some(shown(&plan)),
            ForgetOutcome::Unfinished { .. } | ForgetOutcome::Erased(_) => {}
        }
    });
    Ok(answer?)
}

/// Erases, or goes on with it.
async fn order(request: &SettingsRequest<'_>, pages: &SettingsPages, form: &Form) -> Result<ApiResponse, FormError> {
    let ordered = Ordered::read(form)?;
    let again = form.opt("again")?.map(MailAddress::parse_typed);
    if !again.is_some_and(|again| again.is_ok_and(|again| again.is_same_mailbox(&ordered.email))) {
        let sentence = "Nothing was erased: the address that you typed to confirm is another one.";
        return Box::pin(look(request, pages, form, FormResult::refused(sentence.to_owned(), form.clone()))).await;
    }
    let audit = request.audit(form)?;
    if audit.why.is_none() {
        let sentence = "Nothing was erased: say why. The certificate has the reason.";
        return Box::pin(look(request, pages, form, FormResult::refused(sentence.to_owned(), form.clone()))).await;
    }
    let entry = request.visitor.begin(request.app, AuditAction::Forget, None).await?;
    let outcome = match run(request, pages, &ordered, (&audit, false)).await? {
        Ok(outcome) => outcome,
        Err(error) => {
            // Of what is done before the store or S3 fails, nobody knows how much it is.
            if let Some(code) = code(&error) {
                entry.refused(request.app, code).await;
            }
            return Err(match error {
                ForgetError::Store(error) => after_order(error),
                other => refused(other, ORDER_AGAIN),
            });
        }
    };
    entry.done(request.app).await;
    let answer = page(request, FormResult::default(), 200, "done", |page| {
        ordered.email.as_str().clone_into(&mut page.email);
        match outcome {
            ForgetOutcome::Nothing(earlier) => {
                page.is_nothing = true;
                page.certificates = earlier.iter().map(shown).collect();
            }
            ForgetOutcome::Unfinished { done, noted } => {
                page.progress = Some(Progress { done, noted });
                page.layout.form_result = FormResult::with(form.clone());
            }
            ForgetOutcome::Erased(certificate) => page.certificates = vec![shown(&certificate)],
            ForgetOutcome::Planned(_) => {}
        }
    });
    Ok(answer?)
}

async fn run(
    request: &SettingsRequest<'_>,
    pages: &SettingsPages,
    ordered: &Ordered,
    (audit, dry_run): (&AuditContext, bool),
) -> Result<Result<ForgetOutcome, ForgetError>, FormError> {
    let context = &request.app.context;
    let order = ForgetOrder {
        email: &ordered.email,
        audit,
        cases: &ordered.cases,
        live: ordered.live,
        dry_run,
        random: u64::from_be_bytes(context.bytes()?),
        batch: Some(ForgetBatch {
            cases: CASES_AT_ONCE,
            until: context.now().plus(BUDGET_MS),
            noted: if dry_run { 0 } else { ordered.noted },
        }),
    };
    let tokens = context.write_tokens()?;
    Ok(Box::pin(erase(&request.app.store, &pages.files, &order, || context.now(), tokens, |_| {})).await)
}

/// A certificate as a file.
async fn download(request: &SettingsRequest<'_>, form: &Form) -> Result<ApiResponse, FormError> {
    let email = rule("The mail address", MailAddress::parse_typed(form.one("email")?))?;
    let id = form.one("id")?;
    request.visitor.viewed(request.app, AuditAction::ForgetCertificate, None).await?;
    let mut certificates = request.app.store.erasures(&email).await?.certificates.into_iter();
    let (erasure, cases) = certificates.find(|(erasure, _)| erasure.id == id).ok_or(ConsoleError::NotFound)?;
    let broken = |_| ServiceError::invariant("a certificate cannot be printed", id);
    let text = serde_json::to_string_pretty(&Certificate::of(&erasure, cases)).map_err(broken);
    let name = format!("erasure-{}.json", id.replace(|c: char| !c.is_ascii_alphanumeric(), ""));
    Ok(attachment("application/json", &name, "certificate", text.map_err(ConsoleError::from)?))
}

/// What the audit log says of an order that was refused; none where some of it may be done.
fn code(error: &ForgetError) -> Option<&'static str> {
    match error {
        ForgetError::Store(_)
        | ForgetError::Files(_)
        | ForgetError::Busy { .. }
        | ForgetError::Contention(_)
        | ForgetError::Overtaken => None,
        ForgetError::Registered(_) => Some("account"),
        ForgetError::Operator => Some("operator"),
        ForgetError::NamedInReason => Some("reason"),
        ForgetError::Live(_) => Some("live"),
        ForgetError::TooMany(_) => Some("too_many"),
        ForgetError::NoCase(_) => Some("no_case"),
    }
}

/// What a page says of an erasure that did not end, with `then`: what is to be done.
fn refused(error: ForgetError, then: &str) -> FormError {
    let sentence = match error {
        ForgetError::Store(error) => return error.into(),
        ForgetError::Files(error) => {
            tracing::error!(error = %error, "S3 does not erase what an erasure has found");
            format!("S3 does not answer, or refuses. {then}")
        }
        ForgetError::Busy { number, mails } => {
            format!("{mails} mails of {} are being sent at this moment. {then}", number.case_id())
        }
        ForgetError::Contention(number) => format!("Others changed {} all the time. {then}", number.case_id()),
        ForgetError::Overtaken => format!("Others erase the same address at this moment. {then}"),
        ForgetError::Registered(number) => format!(
            "The address is the registered one of an account that takes part in {}. Give the account another one first.",
            number.case_id()
        ),
        ForgetError::Operator => "The address is that of an operator. Remove the operator first.".to_owned(),
        ForgetError::NamedInReason => "The reason must not have the address in it: the certificate has it.".to_owned(),
        ForgetError::Live(numbers) => {
            let cases: Vec<_> = numbers.iter().map(|number| number.case_id()).collect();
            format!(
                "Nothing was erased: these cases still go on: {}. End them first, or tick the box.",
                cases.join(", ")
            )
        }
        ForgetError::TooMany(count) => format!(
            "The address is in {count} cases, and a page cannot look at so many. recourse forget does the same without a limit."
        ),
        ForgetError::NoCase(number) => format!("There is no case {}.", number.case_id()),
    };
    FormError::Invalid(sentence)
}

fn counts(of: &BTreeMap<&'static str, u64>) -> Vec<Count> {
    of.iter().map(|(kind, count)| Count { kind: kind.replace('_', " "), count: *count }).collect()
}

fn shown(certificate: &Certificate) -> Shown {
    let mut totals = BTreeMap::new();
    for (kind, count) in certificate.cases.iter().flat_map(|case| &case.erased) {
        *totals.entry(*kind).or_insert(0) += count;
    }
    let case = |case: &recourse_operations::CertificateCase| ShownCase {
        is_live: case.dispute.as_ref().is_some_and(|id| certificate.live_cases.contains(id)),
        id: case.dispute.clone(),
        what: counts(&case.erased),
    };
    Shown {
        id: certificate.id.clone().unwrap_or_default(),
        digest: certificate.address_sha256.clone(),
        erased_address: certificate.erased_address.clone(),
        begun: certificate.begun_at.clone(),
        finished: certificate.finished_at.clone(),
        by: visible(&certificate.by).into_owned(),
        why: visible(&certificate.why).into_owned(),
        live: certificate.live_cases.clone(),
        totals: counts(&totals),
        cases: certificate.cases.iter().map(case).collect(),
        stays: certificate.stays.clone(),
        not_known: certificate.not_known.clone(),
    }
}
