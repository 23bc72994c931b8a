//! Malformed arguments, files, JSON, URLs and profiles: each has an exit code and a line that says what is
//! wrong.
//!
//! `INSTA_UPDATE=always` writes the snapshot anew; look at its diff.

use std::fs;
use std::path::Path;

use crate::program::Program;

/// Makes the files that the commands name.
fn make_files(folder: &Path) {
    let write = |name: &str, text: &[u8]| fs::write(folder.join(name), text).unwrap();
    write("latin1", b"\xff\xfe\n");
    write("empty", b"");
    write("broken.json", b"{\"__CLASS\":");
    write("list.json", b"[1,2]");
    write("number.json", b"7");
    write("no-class.json", b"{\"Name\":\"x\"}");
    write(
        "bad-type.json",
        br#"{"__CLASS":"Win32_Share","Name":"x","Type":"many"}"#,
    );
    write(
        "bad-name.json",
        br#"{"__CLASS":"Win32_Share","Name":"x","Colour":1}"#,
    );
    write("bad-path.json", br#"{"__PATH":"Win32_Share.Name="}"#);
    write(
        "two.ndjson",
        b"{\"__CLASS\":\"Win32_Share\",\"Name\":\"x\",\"Path\":\"/\",\"Type\":0}\n{\n",
    );
    write("no.pem", b"no certificate");
    write("hosts-words", b"sim: profile=x more\n");
    write("hosts-profile", b"sim: profil=x\n");
    write("hosts-none", b"# nothing\n");
    write("message.xml", b"<a><b></a>");
    write("not-soap.xml", b"<a/>");
    fs::create_dir_all(folder.join("wsman")).unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    write("wsman/config.toml", b"[profile.lab]\nurl = { x = 1 }\n[profile.odd]\nnosuch = true\n[profile.bad]\ntimeout = \"soon\"\n[profile.pass]\npassword = \"secret-7\"\n");
}

/// The command lines; each runs in the folder of the files, at the simulator.
const LINES: &str = r#"
get
get Win32_Share
get Win32_Share Name
get Win32_Share =x
get Win32_Share 1=x
get Win32_Share Name:=
get Win32_Share Name:={
get Win32_Share Name:=[1]
get Win32_Share Name=@missing
get Win32_Share Name=@latin1
get Win32_Share Name=@folder
get Win32_Share Type=0
get Win32_Share Colour=red
get Win32_Share.
get Win32_Share.Name=
get Win32_Share.Name="x
get \\:Win32_Share.Name="x"
get No_Such Name=x
get Win32_Share Name=absent
get Win32_Share Name=public -n no/such
get Win32_Share Name=public -n //
get Win32_Share Name=public --resource-uri-prefix nonsense
enum
enum Win32_Share.Name="public"
enum Win32_Share --limit many
enum Win32_Share --limit -1
enum Win32_Share --page 0
enum Win32_Share --where Name
enum Win32_Share --where Type=many
enum Win32_Share --select Colour
enum No_Such
query
query SELECT
query nonsense
query "SELECT * FROM No_Such"
query "SELECT * FROM Win32_Share" --dialect sql
count No_Such
class No_Such
class Win32_Share -o csv
class Win32_Share -o mof
invoke Win32_Service
invoke Win32_Service Name=Spooler
invoke Win32_Service Name=Spooler NoSuch
invoke Demo_Item Add Colour=red
invoke Demo_Item Add Numbers=many
invoke Win32_Service Name=absent StopService
associators Win32_Share Name=absent
put Win32_Share
put Win32_Share Path=x
put Win32_Share Name=x Type=many
put Win32_Share Name=x Type:="0"
put Win32_Share Name=x Type=1 Type=2
put Win32_Share Name=x Colour=red
put Win32_Share Name=x --mode maybe
put Win32_Share Name=x --partial half
put Win32_Share Name=absent --mode update-only
put Win32_Share Name=public Path=/ Type=0 --mode create-only
put Win32_Share Name=x --at nonsense
put --from missing
put --from folder
put --from latin1
put --from broken.json
put --from list.json
put --from number.json
put --from no-class.json
put --from bad-type.json
put --from bad-name.json
put --from bad-path.json
put --from two.ndjson
put --from two.ndjson --journal folder
put --from two.ndjson --journal latin1
put Win32_Share Name=x --journal j
create Win32_Share Name=public Path=/ Type=0
modify Win32_Share Name=absent Path=/
delete Win32_Share
delete Win32_Share Name=absent
delete --query "SELECT * FROM Win32_Share"
delete --query nonsense --yes
delete Win32_Share Name=public --query "SELECT * FROM Win32_Share" --yes
modify Type=1 --query "SELECT * FROM Win32_Share" --yes --keys Name
modify Type=1 --query "SELECT * FROM Win32_Share" --yes --at Win32_Share.Name="public"
wait Win32_Share Name=public
wait Win32_Share Name=public --for Type
wait Win32_Share Name=public --for Type=many --deadline 1s
wait Win32_Share Name=public --for Type=9 --deadline 300ms
subscribe
subscribe nonsense
subscribe "SELECT * FROM Demo_Tick" --max-events 0
subscribe "SELECT * FROM Demo_Tick" --bookmark folder
count Win32_Share --url ""
count Win32_Share --url http://
count Win32_Share --url ftp://win01/
count Win32_Share --url win01/wsman
count Win32_Share --url "win 01"
count Win32_Share --url http://win01:99999/wsman
count Win32_Share --url sim:other
count Win32_Share --hosts missing
count Win32_Share --hosts latin1
count Win32_Share --hosts hosts-words
count Win32_Share --hosts hosts-profile
count Win32_Share --hosts hosts-none
count Win32_Share --profile none
count Win32_Share --profile lab
count Win32_Share --profile odd
count Win32_Share --profile bad
count Win32_Share --profile pass
profile add
profile add ""
profile add "a b"
profile add a#b
profile remove none
count Win32_Share --jobs 0
count Win32_Share --jobs 70000
count Win32_Share --timeout soon
count Win32_Share --timeout 0s
count Win32_Share --deadline 1d
count Win32_Share --total-deadline -1s
count Win32_Share --max-envelope-size huge
count Win32_Share --max-envelope-size 5000MB
count Win32_Share --option x
count Win32_Share --context =x
count Win32_Share --wire-form other
count Win32_Share --auth other
count Win32_Share --auth basic
count Win32_Share --auth basic,digest --user x
count Win32_Share --auth credssp --user x
count Win32_Share --auth tickets
count Win32_Share --auth certificate
count Win32_Share --user x
count Win32_Share --user x --password-file missing
count Win32_Share --user x --password-file folder
count Win32_Share --user x --password-file latin1
count Win32_Share --user x --password-file empty --password-stdin
count Win32_Share --keytab missing
count Win32_Share --keytab no.pem
count Win32_Share --ca missing
count Win32_Share --ca no.pem
count Win32_Share --cert no.pem
count Win32_Share --cert no.pem --cert-key no.pem
count Win32_Share --pin sha256:12
count Win32_Share --pin md5:12
count Win32_Share --server-name "a b"
count Win32_Share --proxy ::
count Win32_Share --proxy ftp://p
count Win32_Share --record empty
count Win32_Share --record empty/x
count Win32_Share -o yaml
count Win32_Share -o csv
count Win32_Share --color red
count Win32_Share --nosuch
count Win32_Share extra
explain
explain missing
explain message.xml
explain not-soap.xml
serve --listen nonsense
serve --listen 0.0.0.0:0
serve --dialect other
serve --auth kerberos
serve --auth tickets
serve --load missing
serve --load folder
serve --fault melt
serve --cert no.pem --cert-key no.pem
serve --cert missing --cert-key no.pem
serve --ca no.pem
generate
completions
completions cmd
nosuch
"#;

/// Splits a line into words as a shell does, with quotes around a word.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        // Quotes within a word are part of it.
        let (word, more) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap(),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = more.trim_start();
    }
    words
}

/// Replaces what differs from run to run.
fn masked(line: &str, folder: &Path) -> String {
    let line = line.replace(folder.to_str().unwrap(), "FOLDER");
    let Some((before, after)) = line.split_once("127.0.0.1:") else {
        return line;
    };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}127.0.0.1:PORT{after}")
}

#[tokio::test]
async fn each_has_its_line_and_its_code() {
    let folder = tempfile::tempdir().unwrap();
    make_files(folder.path());
    let (mut all, mut accepted) = (String::new(), Vec::new());
    for line in LINES.lines().filter(|line| !line.is_empty()) {
        let program = Program::new(words(line)).within(folder.path());
        let has_host = line.contains("--url") || line.contains("--hosts");
        let program = if has_host {
            program
        } else {
            program.env("WSMAN_URL", "sim:")
        };
        let ending = program
            .env("XDG_CONFIG_HOME", folder.path().to_str().unwrap())
            .run()
            .await;
        if ending.code == 0 {
            accepted.push(line);
        }
        assert!(!ending.says("panicked"), "{line}: {ending:?}");
        assert!(!ending.says("secret-7"), "{line}: {ending:?}");
        all.push_str(&format!("{:>3}  {line}\n", ending.code));
        for (name, text) in [("stdout", &ending.stdout), ("stderr", &ending.stderr)] {
            // The JSON form of an error on stderr says the same again.
            let is_shown = |line: &&str| {
                let is_json = name == "stderr" && line.starts_with("{\"error\":");
                !line.trim().is_empty() && !is_json
            };
            for line in text.lines().filter(is_shown) {
                all.push_str(&format!("     {name}: {}\n", masked(line, folder.path())));
            }
        }
    }
    insta::assert_snapshot!(all);
    assert_eq!(accepted, [""; 0]);
}
