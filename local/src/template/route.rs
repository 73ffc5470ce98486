//! Routes of the HTTP API: what template.yaml may say, and the parts of a path.

use super::{Function, TemplateError};
use std::collections::BTreeMap;

/// One segment of a route's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Text that the request's path must have there.
    Literal(String),
    /// `{name}` matches exactly one path segment that is not empty.
    Parameter(String),
    /// `{name+}` matches the rest of the path. Only the last segment can be one.
    Greedy(String),
}

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The route key, as events carry it: `PUT /platform/v1/transactions/{trxid}`, or `$default`.
    pub key: String,
    /// The method in upper case; `None` for `ANY` and for `$default`.
    pub method: Option<String>,
    /// The parts of the path; `None` for `$default`, which takes what no other route takes.
    pub segments: Option<Vec<Segment>>,
}

impl Route {
    /// The route that an `HttpApi` event with this method and path declares. Without both it is
    /// `$default`, as in SAM.
    ///
    /// # Errors
    /// What API Gateway refuses too: a path without a leading or with a trailing `/`, braces that
    /// do not enclose a whole part, a name twice, a greedy part that is not the last.
    pub fn new(method: Option<&str>, path: Option<&str>) -> Result<Route, String> {
        let method =
            method.map(str::to_uppercase).filter(|m| m != "ANY" && m != "*" && m != "X-AMAZON-APIGATEWAY-ANY-METHOD");
        let path = match path {
            None | Some("$default") => return Ok(Route { key: "$default".to_owned(), method: None, segments: None }),
            Some(path) => path,
        };
        let inner = path.strip_prefix('/').ok_or_else(|| format!("the path {path} does not begin with /"))?;
        let mut segments: Vec<Segment> = Vec::new();
        let mut names = Vec::new();
        for part in inner.split('/').filter(|_| !inner.is_empty()) {
            if matches!(segments.last(), Some(Segment::Greedy(_))) {
                return Err(format!("in the path {path} a part follows the greedy one"));
            }
            let segment = match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => match name.strip_suffix('+') {
                    Some(name) => Segment::Greedy(name.to_owned()),
                    None => Segment::Parameter(name.to_owned()),
                },
                None => Segment::Literal(part.to_owned()),
            };
            match &segment {
                Segment::Literal(text) if text.is_empty() => return Err(format!("the path {path} has an empty part")),
                Segment::Literal(text) if text.contains(['{', '}']) => {
                    return Err(format!("in the path {path} braces must enclose a whole part"));
                }
                Segment::Literal(_) => {}
                Segment::Parameter(name) | Segment::Greedy(name) => {
                    if name.is_empty() || name.contains(['{', '}', '+']) || names.contains(name) {
                        return Err(format!(
                            "in the path {path} the name {name:?} is empty, not a name, or there twice"
                        ));
                    }
                    names.push(name.clone());
                }
            }
            segments.push(segment);
        }
        let key = format!("{} {path}", method.as_deref().unwrap_or("ANY"));
        Ok(Route { key, method, segments: Some(segments) })
    }
}

/// Refuses two functions behind one route: API Gateway would let the later one win.
pub(super) fn check_unique(functions: &[Function]) -> Result<(), TemplateError> {
    let mut seen = BTreeMap::new();
    for function in functions {
        for route in &function.routes {
            if let Some(other) = seen.insert(route.key.as_str(), function.id.as_str()) {
                return Err(TemplateError::new(
                    &function.id,
                    format!("the route {} already leads to {other}", route.key),
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_into_parts() {
        let route = Route::new(Some("put"), Some("/platform/{trxid}/{rest+}")).unwrap();
        assert_eq!(route.key, "PUT /platform/{trxid}/{rest+}");
        assert_eq!(route.method.as_deref(), Some("PUT"));
        let parts =
            [Segment::Literal("platform".into()), Segment::Parameter("trxid".into()), Segment::Greedy("rest".into())];
        assert_eq!(route.segments.as_deref(), Some(parts.as_slice()));
    }

    #[test]
    fn any_method_the_root_and_default() {
        assert_eq!(Route::new(Some("any"), Some("/a")).unwrap().key, "ANY /a");
        assert_eq!(Route::new(Some("GET"), Some("/")).unwrap().segments, Some(vec![]));
        for route in [Route::new(None, None), Route::new(Some("ANY"), Some("$default"))] {
            assert_eq!(route.unwrap(), Route { key: "$default".into(), method: None, segments: None });
        }
    }

    #[test]
    fn a_route_that_api_gateway_refuses_is_refused() {
        for path in ["a", "", "/a/", "//a", "/a{b}", "/{a}/{a}", "/{a+}/b", "/{}", "/{+}", "/{a{b}}"] {
            assert!(Route::new(Some("GET"), Some(path)).is_err(), "{path}");
        }
    }
}
