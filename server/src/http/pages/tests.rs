//! The description in step with the server: routes, problems, examples.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use serde_json::Value;

/// The router, as text: the one place where routes are listed.
const ROUTER: &str = include_str!("../../http.rs");
/// Where the stable types of problems are listed.
const PROBLEMS: &str = include_str!("../problem.rs");
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn description() -> Value {
    serde_json::from_str(include_str!("openapi.json")).unwrap()
}

/// Method and address of each `.route("…", …)` in a part of the router.
fn routes(part: &str, prefix: &str) -> BTreeSet<(String, String)> {
    let each = part.split(".route(\"").skip(1).map(|rest| rest.split_once('"').unwrap());
    let with_methods = each.flat_map(|(path, handlers)| {
        let handlers = handlers.split(".fallback(").next().unwrap();
        let here = METHODS.into_iter().filter(move |method| handlers.contains(&format!("{method}(")));
        here.map(move |method| (method.to_owned(), format!("{prefix}{path}")))
    });
    with_methods.collect()
}

/// Goal: nobody is told of an address that is not there, nor left without word of one that is. Method: the router's
/// lines against the description's paths, both ways.
#[test]
fn every_route_is_described_and_nothing_else() {
    let (api, rest) = ROUTER.split_once(".nest(\"/api/v1\"").unwrap();
    let mut there = routes(api, "/api/v1");
    there.extend(routes(rest, ""));
    assert!(there.len() > 20, "the router is read wrong: {there:?}");
    let description = description();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().filter(|key| METHODS.contains(&key.as_str()));
        described.extend(methods.map(|method| (method.clone(), path.clone())));
        for name in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
            let told = item["parameters"].as_array().unwrap().iter().any(|parameter| {
                let parameter = resolved(&description, parameter);
                parameter["in"] == "path" && parameter["name"] == name
            });
            assert!(told, "{path} does not say what `{name}` is");
        }
    }
    assert_eq!(described, there);
}

/// Goal: whoever reads the description can try each answer. Method: every operation has a name of its own, and an
/// example wherever it has a body.
#[test]
fn every_body_has_an_example() {
    let description = description();
    let mut names = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is two operations");
            assert!(operation["summary"].is_string(), "{method} {path}");
            let answers = operation["responses"].as_object().unwrap();
            let bodies =
                answers.iter().map(|(status, answer)| (status.as_str(), resolved(&description, answer)));
            for (status, body) in bodies.chain(Some(("the request", &operation["requestBody"]))) {
                for (kind, content) in body["content"].as_object().into_iter().flatten() {
                    assert!(
                        !content["example"].is_null(),
                        "{method} {path}: {status} has no example of {kind}"
                    );
                    assert!(
                        content["schema"].is_object(),
                        "{method} {path}: {status} has no schema of {kind}"
                    );
                }
            }
        }
    }
}

/// Goal: references lead somewhere. Method: each `$ref` is followed.
#[test]
fn references_lead_somewhere() {
    let description = description();
    let mut waiting = vec![&description];
    while let Some(value) = waiting.pop() {
        if let Some(reference) = value["$ref"].as_str() {
            let target = reference.strip_prefix('#').and_then(|at| description.pointer(at));
            assert!(target.is_some(), "{reference} leads nowhere");
        }
        waiting.extend(value.as_object().into_iter().flat_map(|object| object.values()));
        waiting.extend(value.as_array().into_iter().flatten());
    }
}

/// Goal: a client can tell problems apart by their types. Method: the types in the code against the description's; the
/// one of files stands with its handler.
#[test]
fn every_problem_is_described() {
    let constants = PROBLEMS.split(": Words = (").skip(1);
    let mut there: BTreeSet<String> =
        constants.map(|rest| rest.split('"').nth(1).unwrap().to_owned()).collect();
    there.insert("bad-file".to_owned());
    let description = description();
    let types = &description["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
    let described: BTreeSet<String> = types
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind.as_str().unwrap().strip_prefix("urn:portrea:problem:").unwrap().to_owned())
        .collect();
    assert_eq!(described, there);
}

/// What a reference stands for.
fn resolved<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => description.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}
