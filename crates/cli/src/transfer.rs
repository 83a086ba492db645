//! Import and export, streamed, with progress. An import goes up in parts, so that one that breaks off loses no more than a part. An
//! export that breaks off goes on with the last time that it had.

use std::fs;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write, stdin, stdout};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::call::Call;
use crate::client::Request;
use crate::context::{Context, Form};
use crate::failure::{Failure, Outcome};
use crate::json::Json;
use crate::output::Mode;
use crate::screen::note;
use crate::sending;

/// A part of an import: whole lines of about this size.
const PART_BYTES: usize = 4 << 20;
/// The errors that are told, as in an answer of the gateway.
const MOST_ERRORS: usize = 100;
const BUFFER_BYTES: usize = 64 << 10;

/// What the parts of an import came to.
#[derive(Default)]
struct Sum {
    accepted: u64,
    duplicates: u64,
    rejected: u64,
    errors: Vec<Json>,
    /// The lines that are done.
    lines: u64,
}

impl Sum {
    fn add(&mut self, row: &Json, lines: u64) {
        let count = |key: &str| {
            row.get(key).map(crate::output::raw).and_then(|digits| digits.parse::<u64>().ok()).unwrap_or_default()
        };
        self.accepted += count("accepted");
        self.duplicates += count("duplicates");
        self.rejected += count("rejected");
        for error in row.get("errors").map(Json::list).unwrap_or_default() {
            let mut error = error.clone();
            let line = error.get("line").map(crate::output::raw).and_then(|digits| digits.parse::<u64>().ok());
            if let Some(line) = line {
                // A part counts its own lines.
                error.set("line", Json::Number((line + self.lines).to_string()));
            }
            if self.errors.len() < MOST_ERRORS {
                self.errors.push(error);
            }
        }
        self.lines += lines;
    }

    fn answer(&self) -> Json {
        let mut row = Json::Null;
        let counts = [("accepted", self.accepted), ("duplicates", self.duplicates), ("rejected", self.rejected)];
        for (name, value) in counts {
            row.set(name, Json::Number(value.to_string()));
        }
        row.set("errors", Json::List(self.errors.clone()));
        let mut body = Json::Null;
        body.set("status", Json::text("success"));
        body.set("data", Json::List(vec![row]));
        body
    }
}

pub fn import(context: &Context, call: &Call) -> Outcome {
    let Some(file) = call.id("file") else { return Err(call.missing(context, "<file>")) };
    let failed = |error: std::io::Error| Failure::failed(format!("{file}: {error}"));
    let (source, size): (Box<dyn Read>, Option<u64>) = if file == "-" {
        (Box::new(stdin()), None)
    } else {
        let opened = fs::File::open(file).map_err(failed)?;
        let size = opened.metadata().map_err(failed)?.len();
        (Box::new(opened), Some(size))
    };
    let operation = sending::operation(call)?;
    let mut request = Request::new(operation.method, operation.path);
    call.place(context, operation, &mut request)?;
    request.keyed = operation.keyed;
    request.media_type = Some("application/x-ndjson");

    let bar = bar(context, size);
    let mut source = BufReader::with_capacity(BUFFER_BYTES, source);
    let mut sum = Sum::default();
    loop {
        let mut part = Vec::new();
        let mut lines = 0;
        while part.len() < PART_BYTES && source.read_until(b'\n', &mut part).map_err(failed)? > 0 {
            lines += 1;
        }
        if part.is_empty() {
            break;
        }
        let bytes = part.len();
        let text = String::from_utf8(part)
            .map_err(|_| Failure::failed(format!("{file}: not UTF-8 after line {}", sum.lines)))?;
        let sent = context.client()?.call(&Request { body: Some(text), ..request.clone() });
        let answer = sent.map_err(|failure| {
            bar.abandon();
            failure.hint(format!("{} lines are in; run it again: what is in already is not counted twice", sum.lines))
        })?;
        let body = answer.json()?;
        let row = body.get("data").and_then(|data| data.list().first()).cloned().unwrap_or(Json::Null);
        sum.add(&row, lines);
        bar.inc(u64::try_from(bytes).unwrap_or_default());
    }
    bar.finish_and_clear();
    context.show(&sum.answer().to_string(), &Form::default())?;
    if sum.rejected > 0 {
        return Err(Failure::failed(format!("{} lines were rejected", sum.rejected)));
    }
    Ok(())
}

pub fn export(context: &Context, call: &Call) -> Outcome {
    let operation = sending::operation(call)?;
    let (request, _) = call.request(context, operation)?;
    let output = call.text("output");
    let is_table = request.query.iter().any(|(name, value)| name == "format" && value == "parquet");
    if is_table && output.is_none() && context.screen.terminal {
        return Err(Failure::usage("a Parquet file is nothing for a terminal").hint("--output events.parquet"));
    }
    let Some(output) = output else {
        let mut body = context.client()?.open(&request)?.into_body().into_reader();
        return match std::io::copy(&mut body, &mut stdout().lock()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::failed(format!("the export broke off: {error}")))
            }
            _ => Ok(()),
        };
    };
    // Under its own name only when it is whole.
    let partial = format!("{output}.partial");
    let failed = |error: std::io::Error| Failure::failed(format!("{output}: {error}"));
    let mut failures = 0;
    let saved = loop {
        let before = fs::metadata(&partial).map_or(0, |file| file.len());
        // A table is whole or nothing; and whoever says where to begin does not go on elsewhere.
        let can_go_on = !is_table && request.query.iter().all(|(name, _)| name != "since");
        let resume = match fs::File::open(&partial) {
            Ok(file) if can_go_on => Resume::of(BufReader::with_capacity(BUFFER_BYTES, file)).map_err(failed)?,
            _ => None,
        };
        match save(context, &request, Path::new(&partial), resume)? {
            Ok(bytes) => break bytes,
            Err(error) if !can_go_on => {
                let _ = fs::remove_file(&partial);
                return Err(failed(error).hint("run it again"));
            }
            Err(error) => {
                let has_moved = fs::metadata(&partial).is_ok_and(|file| file.len() > before);
                failures = if has_moved { 1 } else { failures + 1 };
                if failures > BROKEN_TIMES {
                    return Err(failed(error).hint("run it again: it goes on where it broke off"));
                }
                note(&format!("the export broke off ({error}): going on ({failures} of {BROKEN_TIMES})"));
                sleep(BROKEN_PAUSE * failures);
            }
        }
    };
    fs::rename(&partial, output).map_err(failed)?;
    note(&format!("{output}: {} bytes", crate::output::thousands(&saved.to_string())));
    Ok(())
}

/// How often an export that broke off goes on without a further line.
const BROKEN_TIMES: u32 = 3;
const BROKEN_PAUSE: Duration = Duration::from_secs(1);

/// Where an export that broke off goes on: with the lines of the last time that it had, because more may have that time.
#[derive(Debug, PartialEq)]
struct Resume {
    /// The bytes before the first line of that time.
    kept: u64,
    since: String,
    /// This line, by which the answer is known to be the same export.
    first: Vec<u8>,
}

impl Resume {
    /// After these lines, of which the last may not be whole; `None` without a whole one.
    fn of(mut lines: impl BufRead) -> std::io::Result<Option<Self>> {
        let (mut at, mut found) = (0, None::<Self>);
        loop {
            let mut line = Vec::new();
            let bytes = lines.read_until(b'\n', &mut line)?;
            let time = std::str::from_utf8(&line).ok().and_then(Json::parse);
            let time = time.as_ref().and_then(|line| line.str("timestamp")).filter(|_| line.ends_with(b"\n"));
            let Some(time) = time else { return Ok(found) };
            if found.as_ref().is_none_or(|found| found.since != time) {
                found = Some(Self { kept: at, since: time.to_owned(), first: line.clone() });
            }
            at += u64::try_from(bytes).unwrap_or_default();
        }
    }
}

/// Saves an export, or what is left of it. The outer failure is one of the gateway's, after which nothing is tried again.
fn save(context: &Context, request: &Request, path: &Path, resume: Option<Resume>) -> Outcome<std::io::Result<u64>> {
    let asked = match &resume {
        Some(resume) => request.clone().query("since", resume.since.clone()),
        None => request.clone(),
    };
    let response = context.client()?.open(&asked)?;
    let size = response.headers().get("content-length").and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = BufReader::with_capacity(BUFFER_BYTES, response.into_body().into_reader());
    let bar = bar(context, size.filter(|_| resume.is_none()));
    let saved = match resume {
        None => fs::File::create(path).and_then(|file| append(&mut body, file, 0, &bar)),
        Some(resume) => {
            let mut first = Vec::new();
            match body.read_until(b'\n', &mut first) {
                Ok(_) if first == resume.first => fs::OpenOptions::new().write(true).open(path).and_then(|mut file| {
                    file.set_len(resume.kept)?;
                    file.seek(SeekFrom::End(0))?;
                    file.write_all(&first)?;
                    append(&mut body, file, resume.kept + u64::try_from(first.len()).unwrap_or_default(), &bar)
                }),
                // Of another website, or what it had has changed.
                Ok(_) => {
                    fs::remove_file(path).and(Err(std::io::Error::other("it is no longer what was exported before")))
                }
                Err(error) => Err(error),
            }
        }
    };
    bar.finish_and_clear();
    Ok(saved)
}

fn append(body: &mut impl Read, mut file: fs::File, mut total: u64, bar: &ProgressBar) -> std::io::Result<u64> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let bytes = body.read(&mut buffer)?;
        let Some(part) = buffer.get(..bytes).filter(|part| !part.is_empty()) else { break };
        file.write_all(part)?;
        total += u64::try_from(bytes).unwrap_or_default();
        bar.set_position(total);
    }
    file.sync_all()?;
    Ok(total)
}

/// Progress on stderr, where somebody looks at it.
fn bar(context: &Context, size: Option<u64>) -> ProgressBar {
    if context.mode != Mode::People && !context.screen.terminal {
        return ProgressBar::with_draw_target(size, ProgressDrawTarget::hidden());
    }
    let (bar, template) = match size {
        Some(size) => (ProgressBar::new(size), "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes}, {bytes_per_sec}"),
    };
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_errors_count_from_the_beginning_of_the_file() {
        let mut sum = Sum::default();
        let row = |text: &str| Json::parse(text).expect("JSON");
        sum.add(&row(r#"{"accepted":2,"duplicates":1,"rejected":0,"errors":[]}"#), 3);
        sum.add(&row(r#"{"accepted":0,"duplicates":0,"rejected":1,"errors":[{"line":2,"message":"x"}]}"#), 2);
        let answer = r#"{"status":"success","data":[{"accepted":2,"duplicates":1,"rejected":1,"errors":[{"line":5,"message":"x"}]}]}"#;
        assert_eq!(sum.answer().to_string(), answer);
        assert_eq!(sum.lines, 5);
    }

    #[test]
    fn an_export_goes_on_with_the_first_line_of_its_last_time() {
        let line =
            |id: u32, second: u32| format!("{{\"id\":\"{id}\",\"timestamp\":\"2026-05-21T10:00:0{second}.000Z\"}}\n");
        let [one, two, three] = [line(1, 0), line(2, 1), line(3, 1)];
        let at = |lines: &str| u64::try_from(lines.len()).expect("small");
        for (whole, expected) in [
            (String::new(), None),
            (one.clone(), Some((0, &one))),
            (one.clone() + &two, Some((at(&one), &two))),
            (one.clone() + &two + &three, Some((at(&one), &two))),
        ] {
            for rest in ["", "{\"id\":\"4\",\"timestamp\":\"2026-05-21T10:00:02.000Z\"}", "{\"id\":\"4"] {
                let found = Resume::of(format!("{whole}{rest}").as_bytes()).expect("bytes");
                let expected = expected.map(|(kept, first)| (kept, first.clone().into_bytes()));
                assert_eq!(found.map(|found| (found.kept, found.first)), expected, "{whole}{rest}");
            }
        }
    }
}
