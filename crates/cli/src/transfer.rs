//! Import and export, streamed, with progress. An import goes up in parts, so that one that breaks off loses no more than a part.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write, stdin, stdout};
use std::path::Path;

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
    let response = context.client()?.open(&request)?;
    let size = response
        .headers()
        .get("content-length")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let mut body = response.into_body().into_reader();
    let Some(output) = output else {
        return match std::io::copy(&mut body, &mut stdout().lock()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::failed(format!("the export broke off: {error}")))
            }
            _ => Ok(()),
        };
    };
    let bar = bar(context, size);
    // Under its own name only when it is whole.
    let partial = format!("{output}.partial");
    let written =
        save(&mut body, Path::new(&partial), &bar).and_then(|bytes| fs::rename(&partial, output).map(|()| bytes));
    bar.finish_and_clear();
    match written {
        Ok(bytes) => {
            note(&format!("{output}: {} bytes", crate::output::thousands(&bytes.to_string())));
            Ok(())
        }
        Err(error) => {
            let _ = fs::remove_file(&partial);
            Err(Failure::failed(format!("{output}: {error}")).hint("run it again"))
        }
    }
}

fn save(body: &mut impl Read, path: &Path, bar: &ProgressBar) -> std::io::Result<u64> {
    let mut file = fs::File::create(path)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut total = 0;
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
}
