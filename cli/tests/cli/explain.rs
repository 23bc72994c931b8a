//! `wsman explain`

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ending, Program};

const ENVELOPE: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
    xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
    xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
    xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"
    xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Win32_Share">"#;

const TRANSFER: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/";
const SHARE_URI: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Win32_Share";

fn envelope(header: &str, body: &str) -> String {
    format!("{ENVELOPE}<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>")
}

fn request() -> String {
    let header = format!(
        "<a:Action>{TRANSFER}Put</a:Action><w:ResourceURI>{SHARE_URI}</w:ResourceURI><w:SelectorSet>\
         <w:Selector Name='__cimnamespace'>root/cimv2</w:Selector>\
         <w:Selector Name='Name'>logs</w:Selector></w:SelectorSet>"
    );
    let body = "<p:Win32_Share><p:Name>logs</p:Name><p:Path xsi:nil='true'/></p:Win32_Share>";
    envelope(&header, body)
}

fn response() -> String {
    let header = "<a:Action>http://schemas.xmlsoap.org/ws/2004/09/enumeration/PullResponse</a:Action>\
        <a:RelatesTo>uuid:1</a:RelatesTo>";
    let share = |name: &str| format!("<p:Win32_Share><p:Name>{name}</p:Name></p:Win32_Share>");
    let picked = "<w:XmlFragment><Name>c</Name></w:XmlFragment>";
    let items = [share("a"), share("b"), picked.to_owned()].concat();
    envelope(
        header,
        &format!("<n:PullResponse><n:Items>{items}</n:Items></n:PullResponse>"),
    )
}

fn fault() -> String {
    let header = "<a:Action>http://schemas.dmtf.org/wbem/wsman/1/wsman/fault</a:Action>";
    let body = "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:DestinationUnreachable\
        </s:Value></s:Subcode></s:Code><s:Reason><s:Text>No such resource.</s:Text></s:Reason><s:Detail>\
        <w:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/InvalidResourceURI\
        </w:FaultDetail><f:WSManFault Code='2150858752'><f:Message>Not here.</f:Message>\
        </f:WSManFault></s:Detail></s:Fault>";
    envelope(header, body)
}

const IDENTIFY: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
    xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/>
    <s:Body><i:Identify/></s:Body></s:Envelope>"#;

/// A folder of messages.
struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(TempDir::new().unwrap());
        for (name, text) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

async fn explain(paths: &[&str]) -> Ending {
    Program::new(["explain"].iter().chain(paths)).run().await
}

fn lines(ending: &Ending) -> Vec<Value> {
    ending
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn each_kind_of_message_is_told() {
    let folder = Folder::with(&[
        ("request.xml", &request()),
        ("response.xml", &response()),
        ("fault.xml", &fault()),
        ("identify.xml", IDENTIFY),
    ]);
    let names = ["request.xml", "response.xml", "fault.xml", "identify.xml"];
    let files = names.map(|name| folder.text(name));
    let ending = explain(&files.each_ref().map(String::as_str)).await;
    let [request, response, fault, identify] = &files;
    assert_eq!(
        lines(&ending),
        [
            json!({
                "file": request, "kind": "request", "action": format!("{TRANSFER}Put"),
                "resource_uri": SHARE_URI, "class": "Win32_Share",
                "selectors": {"__cimnamespace": "root/cimv2", "Name": "logs"},
                "instances": [{"__CLASS": "Win32_Share", "Name": "logs", "Path": null}],
            }),
            json!({
                "file": response, "kind": "response", "class": "Win32_Share",
                "action": "http://schemas.xmlsoap.org/ws/2004/09/enumeration/PullResponse",
                "relates_to": "uuid:1",
                "instances": [
                    {"__CLASS": "Win32_Share", "Name": "a"},
                    {"__CLASS": "Win32_Share", "Name": "b"},
                    {"__CLASS": "", "Name": "c"},
                ],
            }),
            json!({
                "file": fault, "kind": "fault",
                "action": "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault",
                "error": {
                    "kind": "NotFound", "code": "Sender", "subcode": "DestinationUnreachable",
                    "detail": "InvalidResourceURI", "wsman_code": "0x80338000", "cim_status": 6,
                    "hresult": "0x80041002", "message": "Not here.",
                },
            }),
            json!({"file": identify, "kind": "identify"}),
        ]
    );
    assert_eq!((ending.code, ending.stderr.as_str()), (0, ""));
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_and_the_rest_goes_on() {
    let request = request();
    let half = &request[..request.len() - 50];
    let no_action = envelope("", "<p:Win32_Share><p:Name>a</p:Name></p:Win32_Share>");
    let folder = Folder::with(&[
        ("html.xml", "<html><body>It works!</body></html>"),
        ("half.xml", half),
        ("empty.xml", ""),
        ("doctype.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"),
        ("no-action.xml", &no_action),
        ("good.xml", &request),
    ]);
    File::create(folder.path("huge.xml"))
        .unwrap()
        .set_len((64 << 20) + 1)
        .unwrap();
    for (name, reason) in [
        ("html.xml", "but html"),
        ("half.xml", "stops before its end"),
        ("empty.xml", "no document"),
        ("doctype.xml", "document type"),
        ("no-action.xml", "wsa:Action"),
        ("huge.xml", "larger than 64 MiB"),
        ("not-there.xml", "No such file"),
    ] {
        let ending = explain(&[&folder.text(name), &folder.text("good.xml")]).await;
        assert_eq!((ending.code, ending.stderr.as_str()), (1, ""), "{name}");
        let lines = lines(&ending);
        let [bad, good] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert_eq!(bad["kind"], "unknown", "{name}");
        assert_eq!(bad["file"], folder.text(name));
        assert!(
            bad["problem"].as_str().unwrap().contains(reason),
            "{name}: {bad}"
        );
        assert_eq!(good["kind"], "request");
    }
}

#[tokio::test]
async fn a_folder_means_the_messages_below_it_in_order() {
    let message = IDENTIFY;
    let folder = Folder::with(&[
        ("b/2.xml", message),
        ("b/10.xml", message),
        ("a.xml", message),
        ("c/deep/er/1.xml", message),
        ("b/notes.txt", "no message"),
        ("z.xml", message),
    ]);
    fs::create_dir(folder.path("empty")).unwrap();
    let ending = explain(&[folder.0.path().to_str().unwrap()]).await;
    let lines = lines(&ending);
    let files: Vec<&Path> = lines
        .iter()
        .map(|line| Path::new(line["file"].as_str().unwrap()))
        .map(|file| file.strip_prefix(folder.0.path()).unwrap())
        .collect();
    let expected = ["a.xml", "b/10.xml", "b/2.xml", "c/deep/er/1.xml", "z.xml"];
    assert_eq!(files, expected.map(Path::new));
    assert_eq!(ending.code, 0);
}

#[tokio::test]
async fn without_a_file_there_is_nothing_to_explain() {
    let ending = explain(&[]).await;
    assert_eq!((ending.code, ending.stdout.as_str()), (2, ""));
    assert!(ending.stderr.contains("<FILE|DIR>"), "{}", ending.stderr);
}

#[tokio::test]
async fn integers_that_json_readers_round_are_texts_and_control_characters_are_escaped() {
    let header = format!("<a:Action>{TRANSFER}GetResponse</a:Action>");
    let body = "<p:Win32_Share><p:Size xsi:type='xs:unsignedLong'>18446744073709551615</p:Size>\
        <p:Name>a&#10;b</p:Name></p:Win32_Share>";
    let folder = Folder::with(&[("get.xml", &envelope(&header, body))]);
    let ending = explain(&[&folder.text("get.xml")]).await;
    assert_eq!(ending.stdout.lines().count(), 1);
    let lines = lines(&ending);
    let instance = &lines[0]["instances"][0];
    assert_eq!(instance["Size"], "18446744073709551615");
    assert_eq!(instance["Name"], "a\nb");
}
