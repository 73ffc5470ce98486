//! Which route a request takes.
//!
//! As in API Gateway, a route matches by method and path together. Of several, the most specific
//! path wins, compared part by part from the left: text before `{name}` before `{name+}`. Then a
//! named method wins before `ANY`. `$default` takes all others. The path is decoded before it is
//! split, so an encoded slash divides it too.

use crate::template::{Function, Route, Segment};
use std::collections::BTreeMap;

/// The routes of one API.
#[derive(Debug)]
pub struct RouteTable(Vec<(Route, String)>);

/// The route that a request takes.
#[derive(Debug, PartialEq, Eq)]
pub struct Match<'a> {
    /// The route's key.
    pub key: &'a str,
    /// The function that it leads to.
    pub function_id: &'a str,
    /// The path's parameters.
    pub parameters: BTreeMap<&'a str, String>,
}

impl RouteTable {
    /// The routes of these functions, the ones that say most first.
    pub fn new(functions: &[Function]) -> RouteTable {
        let mut routes: Vec<_> =
            functions.iter().flat_map(|f| f.routes.iter().map(|route| (route.clone(), f.id.clone()))).collect();
        routes.sort_by_key(|(route, _)| {
            let path = route.segments.as_ref().map(|segments| segments.iter().map(rank).collect::<Vec<_>>());
            (path.is_none(), path, route.method.is_none())
        });
        RouteTable(routes)
    }

    /// The route for this method and path, which is decoded.
    pub fn find(&self, method: &str, path: &str) -> Option<Match<'_>> {
        self.0.iter().find_map(|(route, function_id)| {
            if route.method.as_deref().is_some_and(|m| m != method) {
                return None;
            }
            let parameters = match &route.segments {
                Some(segments) => parameters(segments, path)?,
                None => BTreeMap::new(),
            };
            Some(Match { key: &route.key, function_id, parameters })
        })
    }
}

fn rank(segment: &Segment) -> u8 {
    match segment {
        Segment::Literal(_) => 0,
        Segment::Parameter(_) => 1,
        Segment::Greedy(_) => 2,
    }
}

/// The parameters of `path`, if it has these segments. An empty part of a path is no value: `/a/`
/// is not `/a/{b}`.
fn parameters<'a>(segments: &'a [Segment], path: &str) -> Option<BTreeMap<&'a str, String>> {
    let mut rest = path.strip_prefix('/').filter(|rest| !rest.is_empty());
    let mut parameters = BTreeMap::new();
    for segment in segments {
        let remaining = rest?;
        let (part, after) = match (segment, remaining.split_once('/')) {
            (Segment::Greedy(_), _) | (_, None) => (remaining, None),
            (_, Some((part, after))) => (part, Some(after)),
        };
        match segment {
            Segment::Literal(text) if text == part => {}
            Segment::Parameter(name) | Segment::Greedy(name) if !part.is_empty() => {
                parameters.insert(name.as_str(), part.to_owned());
            }
            _ => return None,
        }
        rest = after;
    }
    rest.is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::specimen;
    use std::time::Duration;

    fn table(routes: &[(&str, &str)]) -> RouteTable {
        let functions: Vec<_> = routes
            .iter()
            .map(|(method, path)| specimen(&format!("{method} {path}"), Duration::ZERO, &[], &[(method, path)]))
            .collect();
        RouteTable::new(&functions)
    }

    /// The route taken and its parameters, as `key [name=value ..]`.
    fn find(table: &RouteTable, method: &str, path: &str) -> String {
        match table.find(method, path) {
            Some(found) => found
                .parameters
                .iter()
                .fold(found.key.to_owned(), |text, (name, value)| format!("{text} {name}={value}")),
            None => "404".to_owned(),
        }
    }

    #[test]
    fn the_path_that_says_more_wins() {
        let table =
            table(&[("GET", "/{proxy+}"), ("GET", "/a/{b}"), ("GET", "/{a}/b"), ("GET", "/a/b"), ("ANY", "/a/c")]);
        for (path, expected) in [
            ("/a/b", "GET /a/b"),
            ("/a/c", "ANY /a/c"),
            ("/a/x", "GET /a/{b} b=x"),
            ("/x/b", "GET /{a}/b a=x"),
            ("/x/y", "GET /{proxy+} proxy=x/y"),
            ("/", "404"),
        ] {
            assert_eq!(find(&table, "GET", path), expected, "{path}");
        }
    }

    #[test]
    fn a_named_method_wins_over_any_and_a_method_without_route_falls_through() {
        let table = table(&[("ANY", "/a"), ("PUT", "/a"), ("POST", "/b"), ("ANY", "$default")]);
        assert_eq!(find(&table, "PUT", "/a"), "PUT /a");
        assert_eq!(find(&table, "GET", "/a"), "ANY /a");
        assert_eq!(find(&table, "GET", "/b"), "$default");
        assert_eq!(find(&table, "GET", "/"), "$default");
    }

    #[test]
    fn nothing_is_not_found() {
        let table = table(&[("PUT", "/t/{id}"), ("GET", "/")]);
        for (method, path) in [
            ("PUT", "/t"),
            ("PUT", "/t/"),
            ("PUT", "/t/1/"),
            ("PUT", "/t/1/2"),
            ("PUT", "//t/1"),
            ("put", "/t/1"),
            ("GET", "//"),
        ] {
            assert_eq!(find(&table, method, path), "404", "{method} {path}");
        }
        assert_eq!(find(&table, "GET", "/"), "GET /");
    }

    #[test]
    fn a_greedy_parameter_takes_all_that_is_left() {
        let table = table(&[("PUT", "/t/{id}"), ("GET", "/f/{kind}/r/{rest+}")]);
        assert_eq!(find(&table, "PUT", "/t/a b%c+d"), "PUT /t/{id} id=a b%c+d");
        assert_eq!(find(&table, "GET", "/f/k/r/a/b!/"), "GET /f/{kind}/r/{rest+} kind=k rest=a/b!/");
        assert_eq!(find(&table, "GET", "/f/k/r/"), "404");
    }
}
