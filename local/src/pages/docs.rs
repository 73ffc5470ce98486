//! The API's pages, made of openapi.yaml (OpenAPI 3.1): the list of operations with a search, and
//! for each API its operations with their parameters, bodies, answers, examples, and lines to paste
//! into a shell.

mod model;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod value;

use std::path::Path;

use askama::Template;
use model::{Api, Example, Group, Operation};
use recourse_dispute::text::without_bom;

use super::snippet::{Call, Caller};

/// The most words of one search.
const WORDS: usize = 8;

#[derive(Template)]
#[template(path = "docs.html")]
pub(super) struct Docs {
    /// The API, or why it cannot be shown.
    api: Result<Api, String>,
    /// The text of the search; empty without one.
    query: String,
    words: Vec<String>,
}

impl Docs {
    /// Reads the description at `path` for each request, so that a change shows at once.
    pub(super) fn read(path: &Path, query: &str) -> Docs {
        let words = query.to_lowercase().split_whitespace().take(WORDS).map(str::to_owned).collect();
        Docs { api: api(path), query: query.to_owned(), words }
    }

    /// The operations of a group that the search finds.
    fn found<'a>(&self, group: &'a Group) -> Vec<&'a Operation> {
        group.operations.iter().filter(|operation| operation.has(&self.words)).collect()
    }

    fn is_empty(&self, api: &Api) -> bool {
        api.groups.iter().all(|group| self.found(group).is_empty())
    }

    fn place(&self) -> &'static str {
        "/docs"
    }
}

/// A group, and the pages there are.
pub(super) struct FoundGroup {
    group: Group,
    pages: Vec<(String, String)>,
}

/// The group `slug` of the description at `path`, if there is such a group.
pub(super) fn group(path: &Path, slug: &str) -> Option<FoundGroup> {
    let api = api(path).ok()?;
    let pages = api.groups.iter().map(|group| (group.name.clone(), group.slug.clone())).collect();
    Some(FoundGroup { group: api.groups.into_iter().find(|group| group.slug == slug)?, pages })
}

/// The page of one API.
#[derive(Template)]
#[template(path = "group.html")]
pub(super) struct GroupPage<'a> {
    group: Group,
    /// The pages there are: name and address.
    pages: Vec<(String, String)>,
    caller: &'a Caller<'a>,
}

impl<'a> GroupPage<'a> {
    /// The page of a group, with the keys of who pastes its lines.
    pub(super) fn new(FoundGroup { group, pages }: FoundGroup, caller: &'a Caller<'a>) -> GroupPage<'a> {
        GroupPage { group, pages, caller }
    }

    /// The lines that send an operation, with this body or with none.
    fn lines(&self, operation: &Operation, body: Option<(&str, &str)>) -> Option<String> {
        let Operation { method, path, .. } = operation;
        self.caller.lines(&Call { method, path, body, scheme: operation.scheme.as_deref() })
    }

    /// The lines that send an example, if a shell can.
    fn sample(&self, operation: &Operation, media: &str, example: &Example) -> Option<String> {
        self.lines(operation, Some((media, example.sent.as_deref()?)))
    }

    /// The lines for an operation that is sent no body.
    fn bare(&self, operation: &Operation) -> Option<String> {
        if operation.request.is_some() { None } else { self.lines(operation, None) }
    }

    fn place(&self) -> &'static str {
        "/docs"
    }
}

fn api(path: &Path) -> Result<Api, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}.", path.display()))?;
    let yaml = yaml_serde::from_str(without_bom(&text));
    let yaml = yaml.map_err(|error| format!("{} is not YAML: {error}.", path.display()))?;
    Ok(read::api(&yaml))
}
