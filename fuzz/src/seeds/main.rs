//! Writes the inputs from which the targets start: `seeds CORPUS`.
//!
//! They are made from the fixtures and the files of the tests, so that none has to be kept twice.

mod messages;

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use wsman_fuzz::logins::one_piece;

/// Inputs that are larger teach a target nothing.
const LARGEST: usize = 16 << 10;

/// The folder of the inputs, one folder a target.
pub struct Corpus(PathBuf);

impl Corpus {
    /// Adds an input, named by its content.
    pub fn add(&self, target: &str, input: impl AsRef<[u8]>) {
        let input = input.as_ref();
        if input.len() > LARGEST {
            return;
        }
        let folder = self.0.join(target);
        // FNV-1a; two equal inputs are one file.
        let hash = input.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        });
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("seed-{hash:016x}")), input).expect("a file");
    }
}

fn main() {
    let folder = std::env::args_os().nth(1).expect("seeds CORPUS");
    let corpus = Corpus(folder.into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for file in files(&root.join("fixtures")) {
        let name = file.to_string_lossy().into_owned();
        let bytes = fs::read(&file).expect("a fixture");
        if name.ends_with("case.toml") {
            challenges(&corpus, &String::from_utf8_lossy(&bytes));
            corpus.add("case_toml", bytes);
        } else if name.ends_with(".bin") {
            corpus.add("sealed", bytes);
        } else if name.ends_with(".response.xml") {
            messages::response(&corpus, &name, &bytes);
        } else if name.ends_with(".request.xml") {
            messages::request(&corpus, &bytes);
        }
    }
    for file in files(&root.join("tests/krb5_conf")) {
        corpus.add("krb5_conf", fs::read(file).expect("a file"));
    }
    for file in files(&root.join("tests/foreign/httpd/old")) {
        certificate(&corpus, &fs::read_to_string(file).unwrap_or_default());
    }
    for (target, message) in wsman::fuzzing::samples() {
        if ["kdc", "spnego"].contains(&target) {
            corpus.add(target, one_piece(&message));
        } else {
            corpus.add(target, message);
        }
    }
    words(&corpus);
}

/// Returns the files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Adds the challenges of a recorded answer.
fn challenges(corpus: &Corpus, case: &str) {
    const HEADER: &str = "www-authenticate = \"";
    for (at, _) in case.match_indices(HEADER) {
        // The end of the value is a quote that is not escaped.
        let rest = case[at + HEADER.len()..].replace("\\\"", "\0");
        let value = rest
            .split('"')
            .next()
            .unwrap_or_default()
            .replace('\0', "\"");
        corpus.add("challenge", &value);
        corpus.add("digest", format!("\0{value}\n+nextnonce=\"b\"\n"));
        corpus.add("digest", format!("\x03{value}\n{value}, stale=true\n+\n"));
    }
}

fn certificate(corpus: &Corpus, pem: &str) {
    let inside = pem.split("CERTIFICATE-----").nth(1).unwrap_or_default();
    let inside: String = inside
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    if let Ok(der) = BASE64.decode(inside) {
        corpus.add("der", &der);
        corpus.add("x509", der);
    }
}

/// Adds short texts, which the fixtures do not hold.
fn words(corpus: &Corpus) {
    for text in [
        "20140403144550.123456+060",
        "20140403******.******+***",
        "00000012030405.600000:000",
        "99999999235959.999999:000",
        "********235959.******:000",
        "00010101000000.000000-720",
    ] {
        corpus.add("datetime", text);
    }
    for text in [
        r#"\\HV01\root\cimv2:Win32_Share.Name="C:\\logs",Type=0"#,
        "Win32_OperatingSystem=@",
        r"A.B='it\'s',C=TRUE,D=-1.5e3",
        "root/a/b:C",
        r#"A.R="B.K=\"x\"""#,
    ] {
        corpus.add("object_path", text);
    }
    for text in [
        "SELECT A, B.C FROM D WITHIN 2.5 WHERE A = 'x' AND NOT (B <> 7 OR C LIKE '%[a-f]_')",
        "A IS NOT NULL AND __THIS ISA 'B'",
        "A >= -1.5e3 OR 'x' > B",
        r"A = 'it\'s' AND B != TRUE",
    ] {
        corpus.add("wql", text);
    }
    for text in [
        "A=b\nB:={\"C\":[1,\"x\",null]}\nB:=2\nboolean=true\nuint8s=1\nuint8s=2\ndatetime=PT5S",
        r#"{"__CLASS":"Thing","__PATH":"Thing.Id=\"a\"","uint64":"7","strings":["a"],"@__X":1.5e3}"#,
        "root/cimv2:Thing.Id=1\nThing\n30s\n512KB\nName=value",
    ] {
        corpus.add("cli_value", text);
    }
    for operation in 0..16_u8 {
        corpus.add(
            "values",
            [operation, 1, 2, 3, operation, 17, 9, 255, 0, 40].repeat(9),
        );
        corpus.add(
            "wql",
            [255, operation, 1, operation, 2, 97, 39, 92].repeat(8),
        );
    }
}
