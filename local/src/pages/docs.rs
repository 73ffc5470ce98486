//! The API's page, made of openapi.yaml (OpenAPI 3.1): its operations by tag, with their parameters, bodies, answers and examples.

mod model;
mod read;
mod schema;
#[cfg(test)]
mod tests;

use std::path::Path;

use askama::Template;
use model::Api;
use recourse_dispute::text::without_bom;

#[derive(Template)]
#[template(path = "docs.html")]
pub(super) struct Docs {
    /// The API, or why it cannot be shown.
    api: Result<Api, String>,
}

impl Docs {
    /// Reads the description at `path`, anew each time: who writes it sees it with the next request.
    pub(super) fn read(path: &Path) -> Docs {
        let text =
            std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}.", path.display()));
        let yaml = text.and_then(|text| {
            serde_yaml_ng::from_str(without_bom(&text))
                .map_err(|error| format!("{} is not YAML: {error}.", path.display()))
        });
        Docs { api: yaml.map(|yaml| read::api(&yaml)) }
    }

    fn place(&self) -> &'static str {
        "/docs"
    }
}
