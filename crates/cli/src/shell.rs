//! Completion of the shell, and the man page: both follow from the grammar.

use std::env;
use std::fs;
use std::path::PathBuf;

use clap_complete::Shell;

use crate::failure::{Failure, Outcome};
use crate::grammar;
use crate::screen::{note, print as write};

pub fn print(name: &'static str, shell: &str) -> Outcome {
    write(&script(name, shell)?)
}

fn script(name: &'static str, shell: &str) -> Outcome<String> {
    let shell: Shell = shell.parse().map_err(|_| Failure::usage(format!("{shell}: no completion for this shell")))?;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut grammar::clap(name), name, &mut script);
    String::from_utf8(script).map_err(|error| Failure::failed(error.to_string()))
}

pub fn manual(name: &'static str) -> Outcome {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(grammar::clap(name)).render(&mut page);
    rendered.map_err(|error| Failure::failed(error.to_string()))?;
    write(&String::from_utf8_lossy(&page))
}

/// The user's shell, and the file that it reads when it begins.
fn target(name: &str) -> Outcome<(&'static str, PathBuf)> {
    let unknown = || {
        Failure::failed("which shell is yours?")
            .hint(format!("{name} completion bash, zsh, fish or powershell prints a script"))
    };
    let home = PathBuf::from(env::var_os("HOME").ok_or_else(unknown)?);
    let shell = env::var("SHELL").map_err(|_| unknown())?;
    match shell.rsplit('/').next().unwrap_or_default() {
        "bash" => {
            let profile = home.join(".bash_profile");
            Ok(("bash", if profile.exists() { profile } else { home.join(".bashrc") }))
        }
        "zsh" => Ok(("zsh", home.join(".zshrc"))),
        "fish" => Ok(("fish", home.join(".config/fish/completions").join(format!("{name}.fish")))),
        _ => Err(unknown()),
    }
}

fn marks(name: &str) -> (String, String) {
    (format!("# >>> {name} completion >>>"), format!("# <<< {name} completion <<<"))
}

pub fn install(name: &'static str) -> Outcome {
    let (shell, path) = target(name)?;
    let failed = |error: std::io::Error| Failure::failed(format!("{}: {error}", path.display()));
    if shell == "fish" {
        fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(failed)?;
        fs::write(&path, script(name, shell)?).map_err(failed)?;
    } else {
        let before = read(&path).map_err(failed)?;
        let (start, end) = marks(name);
        let ready =
            if shell == "zsh" { "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n" } else { "" };
        let block = format!("{start}\n{ready}source <({name} completion {shell})\n{end}\n");
        let rest = without(&before, name);
        let gap = if rest.is_empty() || rest.ends_with('\n') { "" } else { "\n" };
        fs::write(&path, format!("{rest}{gap}{block}")).map_err(failed)?;
    }
    note(&format!("Completion is in {}: open a new shell.", path.display()));
    Ok(())
}

pub fn uninstall(name: &'static str) -> Outcome {
    let (shell, path) = target(name)?;
    let failed = |error: std::io::Error| Failure::failed(format!("{}: {error}", path.display()));
    if shell == "fish" {
        if path.exists() {
            fs::remove_file(&path).map_err(failed)?;
        }
    } else {
        let before = read(&path).map_err(failed)?;
        let after = without(&before, name);
        if after != before {
            fs::write(&path, after).map_err(failed)?;
        }
    }
    note(&format!("Completion is out of {}.", path.display()));
    Ok(())
}

fn read(path: &PathBuf) -> std::io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        outcome => outcome,
    }
}

/// A file without what an earlier installation wrote between its marks.
fn without(text: &str, name: &str) -> String {
    let (start, end) = marks(name);
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&start) {
        let Some((_, after)) = after.split_once(&end) else { break };
        kept.push_str(before);
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::COMMANDS;

    #[test]
    fn what_was_installed_is_taken_out_and_nothing_else() {
        let (start, end) = marks("sluice");
        let text = format!("alias a=b\n{start}\nx\n{end}\nexport C=d\n");
        assert_eq!(without(&text, "sluice"), "alias a=b\nexport C=d\n");
        assert_eq!(without(&text, "datafast"), text);
        let open = format!("a\n{start}\nno end\n");
        assert_eq!(without(&open, "sluice"), open);
    }

    #[test]
    fn completion_lists_every_noun_and_verb() {
        for shell in ["bash", "zsh", "fish", "powershell"] {
            let script = script("sluice", shell).expect("a script");
            for command in COMMANDS {
                for word in command.name.split(' ') {
                    assert!(script.contains(word), "{shell} does not complete {word} of {}", command.name);
                }
            }
        }
        assert_eq!(script("sluice", "tcsh").expect_err("unknown").code, 2);
    }
}
