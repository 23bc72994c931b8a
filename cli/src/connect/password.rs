//! Reads the password; never from an argument, which every user of the computer can read.

use std::io::{IsTerminal as _, Read};
use std::{env, fs, io};

use zeroize::Zeroizing;

use crate::args::LoginArgs;
use crate::failure::Failure;

const VARIABLE: &str = "WSMAN_PASSWORD";

/// The limit of a password's length, so that a wrong file is not read whole.
const LONGEST: u64 = 64 * 1024;

/// Reads the password of a user from the named source, else from the environment, else from a prompt on
/// the terminal.
pub(crate) fn read(args: &LoginArgs, user: &str) -> Result<Zeroizing<String>, Failure> {
    if let Some(path) = &args.password_file {
        let file = fs::File::open(path).map_err(|error| unreadable(&error))?;
        return read_from(file);
    }
    if args.password_stdin {
        return read_from(io::stdin().lock());
    }
    match env::var(VARIABLE) {
        Ok(password) => Ok(Zeroizing::new(password)),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::Usage(format!("{VARIABLE} is not valid UTF-8")))
        }
        Err(env::VarError::NotPresent) if io::stdin().is_terminal() => prompt(user),
        Err(env::VarError::NotPresent) => Err(Failure::Usage(format!(
            "--user requires a password: set {VARIABLE}, or use --password-file or --password-stdin"
        ))),
    }
}

fn prompt(user: &str) -> Result<Zeroizing<String>, Failure> {
    let user = crate::failure::printable(user);
    rpassword::prompt_password(format!("Password of {user}: "))
        .map(Zeroizing::new)
        .map_err(|error| match error.kind() {
            // Ctrl-C at the prompt.
            io::ErrorKind::Interrupted => Failure::Interrupted,
            _ => unreadable(&error),
        })
}

fn read_from(source: impl Read) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = source.take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| unreadable(&error))?;
    let length = text.strip_suffix('\n').map_or(text.len(), |line| {
        line.strip_suffix('\r').unwrap_or(line).len()
    });
    text.truncate(length);
    Ok(text)
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::usage("the password cannot be read", error)
}
