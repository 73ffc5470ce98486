//! The mails of the support process, as a customer gets them.

use askama::Template;
use recourse_dispute::text::visible;
use recourse_edge::{ApiResponse, ServiceError};
use recourse_support::case::Language;
use recourse_support::templates::TemplateId;
use recourse_support::time::UnixSeconds;

use super::{FormResult, Layout, Page, SettingsPages, SettingsRequest};
use crate::action::AuditAction;
use crate::{ConsoleError, Frame, html};

#[derive(Template)]
#[template(path = "settings-templates.html")]
struct TemplatesPage {
    frame: Frame,
    layout: Layout,
    language: String,
    languages: Vec<String>,
    mails: Vec<Mail>,
}

/// A mail about a payment that is made up.
struct Mail {
    name: &'static str,
    /// Who gets it.
    to: &'static str,
    from: String,
    subject: String,
    heading: String,
    paragraphs: Vec<String>,
    /// The label of its button.
    button: Option<String>,
    /// The line below it.
    foot: String,
}

/// Every mail in one language.
pub(super) async fn show(request: &SettingsRequest<'_>, pages: &SettingsPages) -> Result<ApiResponse, ConsoleError> {
    let casework = pages.casework(request.app).await?;
    let wanted = request.query("language").and_then(|tag| Language::parse(&tag).ok());
    let language = wanted.filter(|wanted| casework.languages().any(|known| known == wanted));
    let language = language.unwrap_or_else(Language::english);
    request.visitor.viewed(request.app, AuditAction::SettingsTemplates, None).await?;
    let day = UnixSeconds(request.app.context.now().seconds());
    let broken = |what: &'static str| ServiceError::invariant(what, language.as_str());
    let mut mails = Vec::new();
    for template in TemplateId::ALL {
        let sample = casework.sample(template, &language, day);
        let sample = sample.ok_or_else(|| broken("a mail of the support process cannot be written"))?;
        // What stands in the place of the token of a true mail's plus-address.
        let mail = pages.composer.compose(&sample, &[], "sample");
        let mail = mail.map_err(|_| broken("a mail of the support process cannot be composed"))?;
        let Some(words) = sample.support else { continue };
        mails.push(Mail {
            name: template.name(),
            to: if template == TemplateId::Supervisors { "the supervisors" } else { "the customer" },
            from: visible(mail.from.as_str()).into_owned(),
            subject: visible(mail.subject.as_str()).into_owned(),
            heading: words.subject,
            paragraphs: words.paragraphs,
            button: words.works_now,
            foot: visible(mail.body.text.trim_end().lines().last().unwrap_or_default()).into_owned(),
        });
    }
    let page = TemplatesPage {
        frame: request.frame(Page::Templates),
        layout: request.layout(Page::Templates, FormResult::default())?,
        language: language.as_str().to_owned(),
        languages: casework.languages().map(|language| language.as_str().to_owned()).collect(),
        mails,
    };
    Ok(html(200, "shown", &page))
}
