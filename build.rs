//! Builds what is embedded: the tracking scripts and the list of tools, minified, and the lists that `scripts/lists.mjs`
//! reads from npm packages, as Rust tables.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use regex_syntax::hir::{Class, Hir, HirKind};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=scripts/lists.mjs");
    println!("cargo::rerun-if-changed=package-lock.json");
    let out = env::var("OUT_DIR")?;
    println!("cargo::rerun-if-changed=tracker");
    for script in ["scripts/lists.mjs", "tracker/build.mjs"] {
        if !Command::new("node").arg(script).arg(&out).stdout(std::process::Stdio::null()).status()?.success() {
            return Err(format!("{script} failed; run `make setup` first").into());
        }
    }
    let out = Path::new(&out);
    println!("cargo::rerun-if-changed=openapi/tools.json");
    fs::write(out.join("tools.min.json"), minified(&fs::read_to_string("openapi/tools.json")?))?;
    fs::write(out.join("patterns.rs"), patterns(&fs::read_to_string(out.join("patterns.tsv"))?)?)?;
    Ok(())
}

/// The JSON text without white space between its tokens.
fn minified(json: &str) -> String {
    let (mut is_string, mut is_escaped) = (false, false);
    let is_kept = |character: &char| {
        let is_quote = *character == '"' && !is_escaped;
        is_escaped = is_string && *character == '\\' && !is_escaped;
        is_string ^= is_quote;
        is_string || !character.is_ascii_whitespace()
    };
    json.chars().filter(is_kept).collect()
}

/// One `static` of patterns for each kind, and the needles that they need.
fn patterns(tsv: &str) -> Result<String, Box<dyn Error>> {
    let mut needles: BTreeMap<String, usize> = BTreeMap::new();
    let mut tables: BTreeMap<&str, String> = BTreeMap::new();
    for line in tsv.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let &[kind, flags, regex, after, before, t1, t2, t3, t4, t5] = cells.as_slice() else {
            return Err(format!("not a pattern: {line}").into());
        };
        let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex)?;
        let mut clauses = clauses(&hir);
        clauses.sort_by_key(|clause| std::cmp::Reverse(clause.iter().map(String::len).min()));
        clauses.dedup();
        // Rare first; a further condition hardly ever decides.
        clauses.truncate(4);
        let mut needs = String::new();
        for clause in clauses {
            needs.push_str("&[");
            for needle in clause {
                let next = needles.len();
                write!(needs, "{},", needles.entry(needle).or_insert(next))?;
            }
            needs.push_str("],");
        }
        let whole = flags == "i"
            && after.is_empty()
            && before.is_empty()
            && matches!(exact(&hir).as_deref(), Some([text]) if text.len() > 1);
        writeln!(
            tables.entry(kind).or_default(),
            "Pattern {{ regex: {:?}, ignore_case: {}, not_after: {after:?}, not_before: {before:?}, needs: &[{needs}], templates: [{t1:?},{t2:?},{t3:?},{t4:?},{t5:?}] }},",
            if whole { "" } else { regex },
            flags == "i",
        )?;
    }
    let mut code = String::from("static NEEDLES: &[(&str, u16)] = &[");
    for (needle, index) in &needles {
        write!(code, "({needle:?},{index}),")?;
    }
    writeln!(code, "];\nconst NEEDLE_COUNT: usize = {};", needles.len())?;
    // Where in the (sorted) needles those begin that have the same first two bytes.
    code.push_str("static HEADS: &[([u8; 2], u16)] = &[");
    let mut head = None;
    for (position, needle) in needles.keys().enumerate() {
        let next = needle.as_bytes().first_chunk::<2>();
        if next != head {
            head = next;
            write!(code, "({:?},{position}),", next.ok_or("a needle is too short")?)?;
        }
    }
    code.push_str("];\n");
    for (kind, rows) in tables {
        writeln!(code, "static {}: &[Pattern] = &[\n{rows}];", kind.to_uppercase())?;
    }
    Ok(code)
}

/// What every match contains: one text of each clause, in lower case. As in RE2's `FilteredRE2`, only simpler.
fn clauses(hir: &Hir) -> Vec<Vec<String>> {
    if let Some(texts) = exact(hir) {
        return if texts.iter().all(|text| text.len() > 1) { vec![texts] } else { Vec::new() };
    }
    match hir.kind() {
        HirKind::Capture(capture) => clauses(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => clauses(&repetition.sub),
        HirKind::Concat(parts) => {
            let mut all = Vec::new();
            let mut run = vec![String::new()];
            for part in parts {
                if let Some(texts) = exact(part) {
                    match product(&run, &texts) {
                        Some(longer) => run = longer,
                        None => all.push(std::mem::replace(&mut run, texts)),
                    }
                    continue;
                }
                // The first round of "one or more" still belongs to what is before it.
                if let Some(longer) = beginning(part).and_then(|texts| product(&run, &texts)) {
                    run = longer;
                }
                all.push(std::mem::replace(&mut run, vec![String::new()]));
                all.extend(clauses(part));
            }
            all.push(run);
            all.retain(|clause| clause.iter().all(|text| text.len() > 1));
            all
        }
        HirKind::Alternation(branches) => {
            let mut any = Vec::new();
            for branch in branches {
                let best = clauses(branch).into_iter().max_by_key(|clause| clause.iter().map(String::len).min());
                match best {
                    Some(clause) => any.extend(clause),
                    None => return Vec::new(),
                }
            }
            any.sort();
            any.dedup();
            vec![any]
        }
        _ => Vec::new(),
    }
}

/// What a part of a pattern begins with, where it is few texts.
fn beginning(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Capture(capture) => beginning(&capture.sub),
        HirKind::Concat(parts) => parts.first().and_then(|part| exact(part).or_else(|| beginning(part))),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            exact(&repetition.sub).or_else(|| beginning(&repetition.sub))
        }
        _ => None,
    }
}

/// More texts than this are no condition worth checking.
const MOST: usize = 24;

/// Each text of the first followed by each of the second.
fn product(first: &[String], second: &[String]) -> Option<Vec<String>> {
    (first.len() * second.len() <= MOST)
        .then(|| first.iter().flat_map(|a| second.iter().map(move |b| format!("{a}{b}"))).collect())
}

/// All the texts, in lower case, that this part of a pattern can match, where they are few.
fn exact(hir: &Hir) -> Option<Vec<String>> {
    let mut texts = match hir.kind() {
        HirKind::Empty => vec![String::new()],
        HirKind::Literal(text) => {
            vec![std::str::from_utf8(&text.0).ok().filter(|t| t.is_ascii())?.to_ascii_lowercase()]
        }
        HirKind::Capture(capture) => exact(&capture.sub)?,
        HirKind::Concat(parts) => {
            let mut run = vec![String::new()];
            for part in parts {
                run = product(&run, &exact(part)?)?;
            }
            run
        }
        HirKind::Alternation(branches) => branches.iter().map(exact).collect::<Option<Vec<_>>>()?.concat(),
        HirKind::Repetition(repetition) => {
            let once = exact(&repetition.sub)?;
            let (mut run, mut all) = (vec![String::new()], Vec::new());
            for round in 0..=repetition.max.filter(|max| *max <= 4)? {
                if round >= repetition.min {
                    all.extend(run.iter().cloned());
                }
                run = product(&run, &once)?;
            }
            all
        }
        HirKind::Class(Class::Bytes(class)) => class
            .ranges()
            .iter()
            .flat_map(|range| (range.start()..=range.end()).take(2 * MOST))
            .map(|byte| byte.is_ascii().then(|| char::from(byte.to_ascii_lowercase()).to_string()))
            .collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    texts.sort();
    texts.dedup();
    (texts.len() <= MOST).then_some(texts)
}
