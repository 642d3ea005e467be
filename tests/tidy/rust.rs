//! Just enough Rust for the rules: code without its comments and literals, code without its tests, and the paths
//! that a file names, written out from the crate's root. Not a parser: the compiler checks the rest.

use std::collections::BTreeMap;

use crate::tree::File;

/// A path that a file names, with the line where it does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mention {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The path: `crate::schema::read` for the file's own crate, `std::fs::read` for others.
    pub(crate) path: String,
}

impl Mention {
    /// Whether the path is `wanted` or leads through it. A crate's path is sought at the beginning; one that begins
    /// with a type (`Uuid::new_v4`) anywhere. A glob names all that it covers.
    pub(crate) fn names(&self, wanted: &str) -> bool {
        let path: Vec<&str> = self.path.split("::").collect();
        let wanted: Vec<&str> = wanted.split("::").collect();
        if let [before @ .., "*"] = path.as_slice() {
            return wanted.starts_with(before) || before.starts_with(&wanted);
        }
        let from_a_type = wanted.first().is_some_and(|first| first.starts_with(char::is_uppercase));
        if from_a_type {
            path.windows(wanted.len()).any(|part| part == wanted)
        } else {
            path.starts_with(&wanted)
        }
    }
}

/// The text with comments and literals replaced by blanks: every byte keeps its place.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hidden = hidden(rest, code.chars().next_back());
        let (taken, after) = rest.split_at(hidden.max(first.len_utf8()));
        if hidden > 0 {
            code.extend(taken.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            code.push_str(taken);
        }
        rest = after;
    }
    code
}

/// The code that ships: without items under `#[cfg(test)]`.
pub(crate) fn shipped(text: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut left = code(text);
    while let Some(start) = left.find(MARK) {
        let (before, item) = left.split_at(start);
        let end = item_end(item);
        let (gone, after) = item.split_at(end);
        let blank: String = gone.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
        left = format!("{before}{blank}{after}");
    }
    left
}

/// The module that a file is, from its crate's root: `["schema", "read"]`.
pub(crate) fn module(path: &str) -> Vec<String> {
    let inside = path.rsplit_once("/src/").map_or(path, |(_, inside)| inside);
    let bare = inside.trim_end_matches(".rs");
    match bare {
        "lib" | "main" => Vec::new(),
        _ if bare.starts_with("bin/") => Vec::new(),
        _ => bare.split('/').map(str::to_owned).collect(),
    }
}

/// Every path that the file's shipped code names.
pub(crate) fn mentions(file: &File) -> Vec<Mention> {
    mentions_in(&shipped(&file.text), &module(&file.path))
}

/// Every path in some code of a module.
fn mentions_in(code: &str, module: &[String]) -> Vec<Mention> {
    let tokens = tokens(code);
    let mut mentions = Vec::new();
    let mut bound: BTreeMap<String, String> = BTreeMap::new();
    let mut inline = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1).map_or("", |token| token.text);
        let back = |steps| at.checked_sub(steps).and_then(|at| tokens.get(at)).map_or("", |token| token.text);
        let begins = match back(1) {
            "::" => !is_word(back(2)) && back(2) != ">",
            before => before != ".",
        };
        if token.text == "use" && next != "<" {
            let mut found = Vec::new();
            at = use_tree(&tokens, at + 1, "", &mut found);
            for (line, path, name) in found {
                let path = from_root(&path, module, &BTreeMap::new());
                bound.insert(name, path.clone());
                mentions.push(Mention { line, path });
            }
        } else if token.text == "mod" && is_word(next) {
            let own: Vec<&str> = module.iter().map(String::as_str).chain([next]).collect();
            bound.insert(next.to_owned(), format!("crate::{}", own.join("::")));
            at += 2;
        } else if is_word(token.text) && next == "::" && begins {
            let mut path = if back(1) == "::" { format!("::{}", token.text) } else { token.text.to_owned() };
            while let [colons, word, ..] = tokens.get(at + 1..).unwrap_or_default()
                && colons.text == "::"
                && is_word(word.text)
            {
                path = format!("{path}::{}", word.text);
                at += 2;
            }
            inline.push(Mention { line: token.line, path });
            at += 1;
        } else {
            at += 1;
        }
    }
    let inline = inline.into_iter().map(|it| Mention { path: from_root(&it.path, module, &bound), ..it });
    mentions.extend(inline);
    mentions.sort();
    mentions
}

/// Functions: name, first line, how many lines hold code.
pub(crate) fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let tokens = tokens(code);
    let full: Vec<bool> = code.lines().map(|line| !line.trim().is_empty()).collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let name = tokens.get(at + 1).map_or("", |token| token.text);
        if token.text == "fn" && is_word(name) {
            let last = function_end(tokens.get(at..).unwrap_or_default());
            let lines = full.get(token.line - 1..last).unwrap_or_default();
            found.push((name.to_owned(), token.line, lines.iter().filter(|full| **full).count()));
        }
    }
    found
}

/// The line of the brace or semicolon that ends the function which begins here.
fn function_end(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for token in tokens {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(token.text, "}" | ";") {
            return token.line;
        }
    }
    tokens.last().map_or(0, |token| token.line)
}

/// Modules that the code declares in files of their own.
pub(crate) fn declared(code: &str) -> Vec<String> {
    let tokens = tokens(code);
    tokens
        .windows(3)
        .filter_map(|window| match window {
            [keyword, name, end] if keyword.text == "mod" && end.text == ";" => Some(name.text.to_owned()),
            _ => None,
        })
        .collect()
}

/// How many bytes at the beginning of `rest` are a comment or a literal; 0 for code.
fn hidden(rest: &str, previous: Option<char>) -> usize {
    let after_word = previous.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if rest.starts_with('\'') {
        return character(rest);
    }
    let prefix = if after_word { 0 } else { rest.find(|c| !matches!(c, 'r' | 'b' | 'c')).unwrap_or(0) };
    if prefix > 2 {
        return 0;
    }
    let (letters, body) = rest.split_at(prefix);
    let hashes = body.len() - body.trim_start_matches('#').len();
    match body.get(hashes..) {
        Some(quoted) if quoted.starts_with('"') && letters.contains('r') => {
            let end = format!("\"{}", "#".repeat(hashes));
            let open = prefix + hashes + 1;
            rest.get(open..)
                .and_then(|inside| inside.find(&end))
                .map_or(rest.len(), |at| open + at + end.len())
        }
        Some(quoted) if quoted.starts_with('"') && hashes == 0 => prefix + string(quoted),
        Some(quoted) if letters == "b" && quoted.starts_with('\'') => prefix + character(quoted),
        _ => 0,
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut bytes = rest.as_bytes().windows(2).enumerate();
    while let Some((at, pair)) = bytes.next() {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => continue,
        }
        bytes.next();
        if depth == 0 {
            return at + 2;
        }
    }
    rest.len()
}

fn string(quoted: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in quoted.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    quoted.len()
}

/// A character literal, or 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => {
            letters.next();
            letters.find(|(_, letter)| *letter == '\'').map_or(0, |(at, _)| at + 1)
        }
        Some(_) => letters.next().filter(|(_, letter)| *letter == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

/// Where the item that begins here ends: behind its `;`, or behind its braces.
fn item_end(item: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in item.char_indices() {
        match letter {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                if letter == '}' && depth == 0 {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    item.len()
}

#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    line: usize,
    text: &'a str,
}

/// Words, `::`, and every other sign by itself.
fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_letter(first) {
                rest.find(|c| !is_letter(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(length);
            tokens.push(Token { line: index + 1, text });
            rest = after.trim_start();
        }
    }
    tokens
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c| is_letter(c) && !char::is_numeric(c))
}

/// Reads one branch of a `use`; returns where the next token is.
fn use_tree(
    tokens: &[Token<'_>],
    mut at: usize,
    prefix: &str,
    found: &mut Vec<(usize, String, String)>,
) -> usize {
    let mut path = prefix.to_owned();
    let mut name = String::new();
    let mut line = 0;
    let mut group = false;
    while let Some(token) = tokens.get(at) {
        match token.text {
            "," | "}" | ";" => break,
            "::" => {}
            "{" => {
                group = true;
                while tokens.get(at).is_some_and(|token| token.text == "{" || token.text == ",") {
                    at = use_tree(tokens, at + 1, &path, found);
                }
            }
            "as" => {
                at += 1;
                tokens.get(at).map_or("", |token| token.text).clone_into(&mut name);
            }
            "self" if !path.is_empty() => line = token.line,
            word => {
                path = if path.is_empty() { word.to_owned() } else { format!("{path}::{word}") };
                word.clone_into(&mut name);
                line = token.line;
            }
        }
        at += 1;
    }
    if !group && line > 0 {
        if name.is_empty() {
            path.rsplit("::").next().unwrap_or_default().clone_into(&mut name);
        }
        found.push((line, path, name));
    }
    at
}

/// A path written out: `super` and `self` from the module, an imported name from its import.
fn from_root(path: &str, module: &[String], bound: &BTreeMap<String, String>) -> String {
    if let Some(other_crate) = path.strip_prefix("::") {
        return other_crate.to_owned();
    }
    let mut rest = path.split("::").peekable();
    let mut own: Vec<&str> = module.iter().map(String::as_str).collect();
    let mut relative = false;
    while let Some(step) = rest.next_if(|step| *step == "self" || *step == "super") {
        relative = true;
        if step == "super" {
            own.pop();
        }
    }
    if relative {
        return ["crate"].into_iter().chain(own).chain(rest).collect::<Vec<_>>().join("::");
    }
    let first = rest.next().unwrap_or_default();
    let first = bound.get(first).map_or(first, String::as_str);
    [first].into_iter().chain(rest).collect::<Vec<_>>().join("::")
}

#[cfg(test)]
mod tests;
