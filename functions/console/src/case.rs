//! `/console/cases/{case}`: a case on one page, and what an agent does about it.
//!
//! A form carries what its page showed (`seen`) and a random text (`submission`). Where the case
//! moved since, nothing is written, and the page says what happened and keeps the draft. A form
//! that is sent twice is written once.

mod changed;
mod facts;
mod file;
mod find;
mod item;
mod load;
mod news;
mod order;
mod page;
mod preview;

use lambda_http::Error;
use recourse_aws::Aws;
use recourse_casework::{CaseError, Settings};
use recourse_dispute::number::DisputeNumber;
use recourse_edge::{ApiResponse, App, Request, ServiceError};
use recourse_files::Files;
use recourse_mail::Composer;
use recourse_operations::{ActError, ActOutcome, AgentOrder, CurrentCasework, Seen, Submission, act};
use recourse_store::Permission;

use self::changed::ChangedPage;
use self::load::Loaded;
use self::order::{CaseAction, CaseOrder};
use self::page::{CasePage, Draft};
use self::preview::PreviewPage;
use crate::action::AuditAction;
use crate::{ConsoleError, Form, Nav, Visitor, html, html_with_files, see_other};

/// What the page of a case needs besides the store.
#[derive(Debug)]
pub struct CasePages {
    casework: CurrentCasework,
    files: Files,
    composer: Composer,
    /// The origin of the addresses of files.
    bucket: String,
}

impl CasePages {
    /// That of a function, from its environment.
    ///
    /// # Errors
    /// Where the environment is wrong.
    pub async fn from_environment() -> Result<Self, Error> {
        let aws = Aws::from_environment()?;
        let files = Files::of(&aws)?;
        Ok(Self {
            casework: CurrentCasework::new(Settings::from_environment(&aws)?, files.clone()),
            composer: Composer::from_environment(&aws)?,
            bucket: files.origin().await?,
            files,
        })
    }

    /// Answers a request for a case, its preview or one of its files.
    ///
    /// # Errors
    /// [`ConsoleError`].
    pub async fn answer(&self, app: &App, request: &Request) -> Result<ApiResponse, ConsoleError> {
        let visitor = Visitor::of(app, request).await?;
        visitor.may(Permission::Read)?;
        let number = DisputeNumber::from_any_view(request.parameter("case")).map_err(|_| ConsoleError::NotFound)?;
        let is_preview = request.path.ends_with("/preview");
        match (request.method.as_str(), request.parameter("file")) {
            ("GET", "") if !is_preview => self.show(app, request, &visitor, number).await,
            ("GET", file) if !file.is_empty() => {
                file::answer(app, &self.files, &visitor, number, file, &request.query).await
            }
            ("POST", "") => {
                let form = visitor.form(request)?;
                match form.opt("do")? {
                    Some("find") => self.find(app, &visitor, number, &form).await,
                    _ if is_preview => self.preview(app, &visitor, number, &form).await,
                    _ => self.act(app, &visitor, number, &form).await,
                }
            }
            _ => Err(ConsoleError::NotFound),
        }
    }

    async fn show(
        &self,
        app: &App,
        request: &Request,
        visitor: &Visitor,
        number: DisputeNumber,
    ) -> Result<ApiResponse, ConsoleError> {
        let look = visitor.seals.look(request, &address(number), app.context.now());
        if let Some(look) = look {
            return Box::pin(news::answer(app, visitor, number, look)).await;
        }
        let loaded = Loaded::read(app, &self.casework, visitor, number).await?;
        visitor.viewed(app, AuditAction::Case, Some(number)).await?;
        let draft = Draft { done: order::done(&request.query), ..Draft::default() };
        self.page(app, visitor, &loaded, draft, 200, "shown")
    }

    /// The page of a case, with what was written on it before.
    fn page(
        &self,
        app: &App,
        visitor: &Visitor,
        loaded: &Loaded,
        draft: Draft,
        status: u16,
        outcome: &'static str,
    ) -> Result<ApiResponse, ConsoleError> {
        let number = loaded.number();
        let submission = Submission::new(app.context.bytes()?);
        let page = CasePage::of(visitor, loaded, draft, submission.as_str());
        Ok(html_with_files(status, outcome, &page, &self.bucket).about(number))
    }

    /// Looks for a text within the case. It comes in the body of a form, as it may be personal.
    async fn find(
        &self,
        app: &App,
        visitor: &Visitor,
        number: DisputeNumber,
        form: &Form,
    ) -> Result<ApiResponse, ConsoleError> {
        let loaded = Loaded::read(app, &self.casework, visitor, number).await?;
        visitor.viewed(app, AuditAction::CaseFind, Some(number)).await?;
        let wanted = form.opt("q")?.unwrap_or_default().trim().to_owned();
        self.page(app, visitor, &loaded, Draft { find: Some(wanted), ..Draft::default() }, 200, "found")
    }

    /// A reply as its readers will have it, and what the rules say of it.
    async fn preview(
        &self,
        app: &App,
        visitor: &Visitor,
        number: DisputeNumber,
        form: &Form,
    ) -> Result<ApiResponse, ConsoleError> {
        visitor.may(Permission::Work)?;
        let loaded = Loaded::read(app, &self.casework, visitor, number).await?;
        visitor.viewed(app, AuditAction::CasePreview, Some(number)).await?;
        let text = form.opt("text")?.unwrap_or_default().trim();
        match preview::compose(&loaded, &self.composer, &visitor.operator.name, text) {
            Ok(mail) => {
                let (seen, submission) = (form.one("seen")?, form.one("submission")?);
                let warnings = preview::warnings(&loaded, text);
                let page = PreviewPage::of(visitor, &loaded, mail, (text, &warnings), (seen, submission), false);
                Ok(html(200, "previewed", &page).about(number))
            }
            Err(error @ (CaseError::Refused(_) | CaseError::HeldBy(_))) => {
                let draft = Draft { reply: text.to_owned(), error: Some(error.to_string()), ..Draft::default() };
                self.page(app, visitor, &loaded, draft, 422, "refused")
            }
            Err(CaseError::Store(error)) => Err(error.into()),
        }
    }

    async fn act(
        &self,
        app: &App,
        visitor: &Visitor,
        number: DisputeNumber,
        form: &Form,
    ) -> Result<ApiResponse, ConsoleError> {
        visitor.may(Permission::Work)?;
        let loaded = Loaded::read(app, &self.casework, visitor, number).await?;
        let order = CaseOrder::read(form, &loaded)?;
        if let Some(permission) = order.permission() {
            visitor.may(permission)?;
        }
        let (seen, submission) = order::seen(form)?;
        let action = match order {
            CaseOrder::Template(name) => {
                let text = form.opt("text")?.unwrap_or_default();
                let drafted = loaded.drafts.iter().find(|(template, _)| template.name() == name);
                let (_, drafted) = drafted.ok_or(ConsoleError::BadForm("There is no such template now."))?;
                visitor.viewed(app, AuditAction::Case, Some(number)).await?;
                let reply =
                    if text.trim().is_empty() { drafted.clone() } else { format!("{}\n\n{drafted}", text.trim_end()) };
                return self.page(app, visitor, &loaded, Draft { reply, ..Draft::default() }, 200, "drafted");
            }
            CaseOrder::Edit(draft) => {
                visitor.viewed(app, AuditAction::Case, Some(number)).await?;
                return self.page(app, visitor, &loaded, draft, 200, "shown");
            }
            CaseOrder::Act(action) => action,
        };
        if let CaseAction::Reply { text, confirmed } = action {
            // Of what the rules only warn, the agent says once more that it is meant: of this very
            // text and these warnings, whatever the case was when the form was filled in.
            let warnings = preview::warnings(&loaded, text);
            if !warnings.is_empty() && !preview::is_confirmed(visitor, number, (text, &warnings), confirmed) {
                match preview::compose(&loaded, &self.composer, &visitor.operator.name, text) {
                    Ok(mail) => {
                        visitor.viewed(app, AuditAction::CasePreview, Some(number)).await?;
                        let marks = (form.one("seen")?, submission.as_str());
                        let page = PreviewPage::of(visitor, &loaded, mail, (text, &warnings), marks, true);
                        return Ok(html(200, "warned", &page).about(number));
                    }
                    Err(CaseError::Store(error)) => return Err(error.into()),
                    // The same refusal follows.
                    Err(CaseError::Refused(_) | CaseError::HeldBy(_)) => {}
                }
            }
        }
        self.carry_out(app, visitor, &loaded, action, (seen, &submission)).await
    }

    async fn carry_out(
        &self,
        app: &App,
        visitor: &Visitor,
        loaded: &Loaded,
        action: CaseAction<'_>,
        (seen, submission): (Seen, &Submission),
    ) -> Result<ApiResponse, ConsoleError> {
        let number = loaded.number();
        let entry = visitor.begin(app, action.audited(), Some(number)).await?;
        let agent_action = action.of_agent(visitor.can(Permission::Assign));
        let order =
            AgentOrder { number, agent: &visitor.operator.name, action: agent_action, seen: Some((seen, submission)) };
        let draws = app.context.draws()?;
        let acted = Box::pin(act(&app.store, &loaded.casework, order, || app.context.now(), draws)).await;
        let back = |code: &str| see_other(&format!("{}?done={code}", address(number)), "done").about(number);
        let refused = |error: &ActError| {
            let draft = Draft { error: Some(error.to_string()), ..action.draft() };
            // What was read before the attempt is what the form was about.
            self.page(app, visitor, loaded, draft, 422, "refused")
        };
        match acted {
            Ok(ActOutcome::Written(_)) => {
                entry.done(app).await;
                Ok(back(action.name()))
            }
            Ok(ActOutcome::Unchanged) => {
                entry.refused(app, "unchanged").await;
                Ok(back("unchanged"))
            }
            Ok(ActOutcome::Repeated) => {
                entry.refused(app, "repeated").await;
                Ok(back(action.name()))
            }
            Ok(ActOutcome::Moved) => {
                entry.refused(app, "changed").await;
                self.changed(app, visitor, number, seen, action).await
            }
            Err(error @ ActError::Case(CaseError::HeldBy(_))) => {
                entry.refused(app, "held").await;
                refused(&error)
            }
            Err(error @ ActError::Case(CaseError::Refused(_))) => {
                entry.refused(app, "refused").await;
                refused(&error)
            }
            Err(ActError::NoDispute) => {
                entry.refused(app, "not_found").await;
                Err(ConsoleError::NotFound)
            }
            // It may have been written: the entry stays attempted.
            Err(ActError::Case(CaseError::Store(error))) => Err(ConsoleError::from(error).after_order()),
        }
    }

    /// The page that says what happened meanwhile, with what the agent wrote.
    async fn changed(
        &self,
        app: &App,
        visitor: &Visitor,
        number: DisputeNumber,
        seen: Seen,
        action: CaseAction<'_>,
    ) -> Result<ApiResponse, ConsoleError> {
        let loaded = Loaded::read(app, &self.casework, visitor, number).await?;
        let submission = Submission::new(app.context.bytes()?);
        let page = ChangedPage::of(visitor, &loaded, seen, action, submission.as_str());
        Ok(html_with_files(409, "changed", &page, &self.bucket).about(number))
    }
}

/// The address of the page of a case.
fn address(number: DisputeNumber) -> String {
    format!("/console/cases/{}", number.case_id())
}

/// The navigation entry that a case belongs to.
const NAV: Nav = Nav::Queue;

/// A failure of S3 as the service's own.
fn files_failed(error: &recourse_files::FilesError) -> ConsoleError {
    ConsoleError::Service(ServiceError::Files { operation: error.operation, context: error.context.clone() })
}
