//! Reads the password; never from an argument, which every user of the computer can read.

use std::io::Read;
use std::path::PathBuf;
use std::{env, fs, io};

use clap::Args;
use wsman::auth::Secret;

use crate::failure::Failure;

/// The source of the password, besides the environment.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from a file, without its last line break; by default it is in
    /// WSMAN_PASSWORD
    #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
    password_file: Option<PathBuf>,
    /// Read the password from standard input, without its last line break
    #[arg(long)]
    password_stdin: bool,
}

const VARIABLE: &str = "WSMAN_PASSWORD";

/// The limit of a password's length, so that a wrong file is not read whole.
const LONGEST: u64 = 64 * 1024;

impl PasswordArgs {
    /// Reads the password from the named source, else from the environment.
    pub(crate) fn read(&self) -> Result<Secret, Failure> {
        if let Some(path) = &self.password_file {
            let file = fs::File::open(path).map_err(|error| unreadable(&error))?;
            return read_from(file);
        }
        if self.password_stdin {
            return read_from(io::stdin().lock());
        }
        match env::var(VARIABLE) {
            Ok(password) => Ok(Secret::from(password)),
            Err(env::VarError::NotUnicode(_)) => {
                Err(Failure::Usage(format!("{VARIABLE} is not valid UTF-8")))
            }
            Err(env::VarError::NotPresent) => Err(Failure::Usage(format!(
                "--user requires a password: set {VARIABLE}, or use --password-file or --password-stdin"
            ))),
        }
    }
}

fn read_from(source: impl Read) -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = source.take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| unreadable(&error))?;
    let length = text.strip_suffix('\n').map_or(text.len(), |line| {
        line.strip_suffix('\r').unwrap_or(line).len()
    });
    text.truncate(length);
    Ok(Secret::from(text))
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::usage("the password cannot be read", error)
}
