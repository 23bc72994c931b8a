//! The time from the start of the program to the first byte that it sends, as a ratio to that of a bare
//! `curl`: `cargo bench -p wsman-cli --bench start`.
//!
//! Prints a line `name ratio bound` for each row, and fails if a ratio exceeds its bound. Without curl it says
//! that it was skipped; with `CI` set it fails then.

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How often each program is started; they take turns.
const ROUNDS: usize = 31;

/// The highest ratio.
const BOUND: f64 = 3.0;

/// How long a program may take to connect.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is compared: the same request of both programs, as far as each has it.
struct Row {
    name: &'static str,
    scheme: &'static str,
    curl: &'static [&'static str],
    wsman: &'static [&'static str],
}

const ROWS: [Row; 4] = [
    Row {
        name: "start_http",
        scheme: "http",
        curl: &["-d", "<s:Envelope/>"],
        wsman: &["identify"],
    },
    Row {
        name: "start_login",
        scheme: "http",
        curl: &["-d", "<s:Envelope/>", "--ntlm", "-u", "ops:secret"],
        wsman: &["get", "Win32_Share", "Name=x", "--user", "ops"],
    },
    Row {
        name: "start_https",
        scheme: "https",
        curl: &["-d", "<s:Envelope/>"],
        wsman: &["identify"],
    },
    Row {
        name: "start_many",
        scheme: "http",
        curl: &["-d", "<s:Envelope/>"],
        wsman: &["count", "Win32_Share", "--hosts", "-"],
    },
];

fn main() -> Outcome<ExitCode> {
    if Command::new("curl").arg("--version").output().is_err() {
        writeln!(
            io::stdout(),
            "start: skipped, because curl is not installed"
        )?;
        return Ok(if std::env::var_os("CI").is_some() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        });
    }
    let mut all_hold = true;
    for row in &ROWS {
        let (wsman, curl) = measure(row)?;
        let ratio = wsman.as_secs_f64() / curl.as_secs_f64();
        writeln!(io::stdout(), "{} {ratio:.2} {BOUND:.1}", row.name)?;
        writeln!(
            io::stderr(),
            "  wsman {wsman:?}, curl {curl:?}, medians of {ROUNDS}"
        )?;
        all_hold &= ratio <= BOUND;
    }
    Ok(if all_hold {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns the median times of both programs.
fn measure(row: &Row) -> Outcome<(Duration, Duration)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("{}://{}/wsman", row.scheme, listener.local_addr()?);
    let mut curl = Command::new("curl");
    curl.args(["-s", "-o", "/dev/null", "--noproxy", "*"])
        .args(row.curl)
        .arg(&url);
    let mut wsman = Command::new(env!("CARGO_BIN_EXE_wsman"));
    wsman.args(row.wsman).env("WSMAN_PASSWORD", "secret");
    wsman.env_remove("WSMAN_USER").env("WSMAN_URL", &url);
    let (mut of_wsman, mut of_curl) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_curl.push(first_byte(&mut curl, &listener, &url)?);
        of_wsman.push(first_byte(&mut wsman, &listener, &url)?);
    }
    Ok((median(of_wsman), median(of_curl)))
}

/// Starts a program, and returns how long it takes to send its first byte. Its standard input is the URL.
fn first_byte(command: &mut Command, listener: &TcpListener, url: &str) -> Outcome<Duration> {
    let quiet = command.stdin(Stdio::piped()).stdout(Stdio::null());
    let start = Instant::now();
    let mut child = quiet.stderr(Stdio::null()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input may have closed it.
        let _ = writeln!(stdin, "{url}");
    }
    let mut stream = accept(listener, start)?;
    let mut byte = [0];
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.read_exact(&mut byte)?;
    let time = start.elapsed();
    child.kill()?;
    child.wait()?;
    Ok(time)
}

/// Waits for a connection, but not for ever.
fn accept(listener: &TcpListener, start: Instant) -> Outcome<TcpStream> {
    listener.set_nonblocking(true)?;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                return Ok(stream);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        if start.elapsed() > PATIENCE {
            return Err("the program did not connect".into());
        }
        std::thread::sleep(Duration::from_micros(20));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
