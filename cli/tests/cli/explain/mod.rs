//! `wsman explain`

mod everything;

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

/// Creates a folder of messages.
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
async fn explains_each_kind_of_message() {
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
                    "detail": "InvalidResourceURI", "wsman_code": "0x80338000",
                    "message": "Not here.", "reason": "No such resource.",
                    "cim_status": 6, "hresult": "0x80041002",
                },
                "body": {"Fault": {
                    "Code": {
                        "Value": "s:Sender",
                        "Subcode": {"Value": "a:DestinationUnreachable"},
                    },
                    "Detail": {
                        "FaultDetail": "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/InvalidResourceURI",
                        "WSManFault": {"@Code": "2150858752"},
                    },
                }},
            }),
            json!({"file": identify, "kind": "identify"}),
        ]
    );
    assert_eq!((ending.code, ending.stderr.as_str()), (0, ""));
}

#[tokio::test]
async fn reports_unreadable_files_and_continues() {
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
        ("html.xml", "its root is html"),
        ("half.xml", "stops before its end"),
        ("empty.xml", "document is empty"),
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
async fn reads_the_messages_of_a_folder_in_order() {
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
async fn requires_a_file() {
    let ending = explain(&[]).await;
    assert_eq!((ending.code, ending.stdout.as_str()), (2, ""));
    assert!(ending.stderr.contains("<FILE|DIR|->"), "{}", ending.stderr);
}

#[tokio::test]
async fn writes_large_integers_as_texts_and_escapes_control_characters() {
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

/// Returns the first line that is printed for a message.
async fn line_of(message: &str) -> Value {
    let folder = Folder::with(&[("message.xml", message)]);
    let ending = explain(&["--strict", &folder.text("message.xml")]).await;
    assert_eq!(
        (ending.code, ending.stderr.as_str()),
        (0, ""),
        "{}",
        ending.stdout
    );
    lines(&ending).remove(0)
}

#[tokio::test]
async fn explains_requests() {
    let header = "<a:Action>urn:Enumerate</a:Action><a:MessageID>uuid:1</a:MessageID>\
        <w:MaxEnvelopeSize s:mustUnderstand='true'>512000</w:MaxEnvelopeSize>\
        <w:OperationTimeout>PT60.000S</w:OperationTimeout><w:OptionSet><w:Option Name='o' Type='xs:int'>5\
        </w:Option></w:OptionSet><w:FragmentTransfer Dialect='urn:x'>Name</w:FragmentTransfer>";
    let body = "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>20</w:MaxElements>\
        <w:EnumerationMode>EnumerateEPR</w:EnumerationMode><w:Filter Dialect='urn:wql'>SELECT *</w:Filter>\
        </n:Enumerate>";
    let mut line = line_of(&envelope(header, body)).await;
    line.as_object_mut().unwrap().remove("file");
    let expected = json!({
        "kind": "request", "action": "urn:Enumerate", "message_id": "uuid:1",
        "max_envelope_size": 512_000, "operation_timeout": "PT60.000S",
        "options": [{"name": "o", "type": "xs:int", "value": "5"}], "fragment": "Name",
        "header": {"FragmentTransfer": {"@Dialect": "urn:x"}},
        "body": {"Enumerate": {
            "OptimizeEnumeration": "", "MaxElements": "20", "EnumerationMode": "EnumerateEPR",
            "Filter": {"@Dialect": "urn:wql", "#text": "SELECT *"},
        }},
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn prints_paths_with_their_address_and_uri() {
    let parts = |id: u32| {
        format!(
            "<a:Address>http://h/wsman</a:Address><a:ReferenceParameters><w:ResourceURI>{SHARE_URI}\
             </w:ResourceURI><w:SelectorSet><w:Selector Name='Id'>{id}</w:Selector></w:SelectorSet>\
             </a:ReferenceParameters>"
        )
    };
    let row = |id| format!("<a:EndpointReference>{}</a:EndpointReference>", parts(id));
    let share = format!(
        "<p:Win32_Share><p:Peer>{}</p:Peer></p:Win32_Share>",
        parts(3)
    );
    let page = format!(
        "<n:PullResponse><n:EnumerationContext>c</n:EnumerationContext><n:Items>{}<w:Item>{share}{}</w:Item>\
         </n:Items><n:EndOfSequence/></n:PullResponse>",
        row(1),
        row(2)
    );
    let path = |id: &str| {
        json!({
            "path": format!("Win32_Share.Id=\"{id}\""), "address": "http://h/wsman",
            "resource_uri": SHARE_URI, "selectors": {"Id": id},
        })
    };
    let line = line_of(&envelope("<a:Action>urn:x</a:Action>", &page)).await;
    assert_eq!(line["paths"], json!([path("1"), path("2")]));
    assert_eq!(line["enumeration_context"], "c");
    assert_eq!(line["end_of_sequence"], true);
    let instance = &line["instances"][0];
    assert_eq!(instance["__PATH"], "Win32_Share.Id=\"2\"");
    assert_eq!(instance["Peer"], "Win32_Share.Id=\"3\"");
    let reference = &line["body"]["PullResponse"]["Items"]["Item"]["Win32_Share"]["Peer"];
    assert_eq!(reference["Address"], "http://h/wsman");
    assert_eq!(reference["ReferenceParameters"]["ResourceURI"], SHARE_URI);

    let created = format!(
        "<x:ResourceCreated xmlns:x='{}'>{}</x:ResourceCreated>",
        TRANSFER.trim_end_matches('/'),
        parts(4)
    );
    let line = line_of(&envelope("<a:Action>urn:x</a:Action>", &created)).await;
    assert_eq!(line["paths"], json!([path("4")]));
}

#[tokio::test]
async fn prints_types_attributes_and_mixed_content_beside_the_instance() {
    let body = "<p:Win32_Share><p:__CLASS>own</p:__CLASS><p:Size xsi:type='cim:cimUnsignedInt'>007</p:Size>\
        <p:V>note <p:b>x</p:b></p:V></p:Win32_Share>";
    let line = line_of(&envelope("<a:Action>urn:x</a:Action>", body)).await;
    let instance = json!({"__CLASS": "Win32_Share", "@__CLASS": "own", "Size": 7, "V": "note x"});
    assert_eq!(line["instances"], json!([instance]));
    let sent = json!({
        "#instance": 0, "Size": {"@xsi:type": "cim:cimUnsignedInt", "#text": "007"},
        "V": {"#text": "note ", "b": "x", "raw": "note <p:b>x</p:b>"},
    });
    assert_eq!(line["body"], json!({"Win32_Share": sent}));
}

#[tokio::test]
async fn reads_one_message_from_standard_input() {
    let program = Program::new(["explain", "--strict", "-"]);
    let ending = program.run_with(&request()).await;
    assert_eq!((ending.code, ending.stderr.as_str()), (0, ""));
    let line = lines(&ending).remove(0);
    assert_eq!(
        (&line["file"], &line["kind"]),
        (&json!("-"), &json!("request"))
    );
    let ending = explain(&["-", "-"]).await;
    assert_eq!((ending.code, ending.stdout.as_str()), (2, ""));
}

#[tokio::test]
async fn prints_many_selectors_quickly_and_repeated_ones_as_a_list() {
    let selector = |n: usize| format!("<w:Selector Name='K{n}'>{n}</w:Selector>");
    let many: String = (0..60_000).map(selector).collect();
    let header = format!(
        "<a:Action>urn:x</a:Action><w:SelectorSet>{many}{}</w:SelectorSet>",
        selector(7)
    );
    let started = std::time::Instant::now();
    let line = line_of(&envelope(&header, "")).await;
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    assert_eq!(line["selectors"].as_object().unwrap().len(), 60_000);
    assert_eq!(line["selectors"]["K7"], json!(["7", "7"]));
    assert_eq!(line["selectors"]["K59999"], "59999");
}

#[tokio::test]
async fn truncates_problems_and_escapes_control_characters() {
    let long = format!("<{0}><t>\u{202e}\u{9b}</t></{0}>", "x".repeat(5000));
    let folder = Folder::with(&[("long.xml", &long)]);
    let ending = explain(&[&folder.text("long.xml")]).await;
    assert_eq!(ending.code, 1);
    let line = lines(&ending).remove(0);
    let problem = line["problem"].as_str().unwrap();
    assert!(problem.chars().count() <= 400, "{problem}");
    assert!(ending.stdout.contains(r"\u202e\u009b"), "{}", ending.stdout);
    assert_eq!(line["document"]["x".repeat(5000)]["t"], "\u{202e}\u{9b}");
}

#[tokio::test]
async fn prints_a_readable_table() {
    let folder = Folder::with(&[("request.xml", &request())]);
    let ending = explain(&["--table", &folder.text("request.xml")]).await;
    let says = "selectors\n  __cimnamespace       root/cimv2\n  Name                 logs\n";
    assert!(ending.says(says), "{}", ending.stdout);
}
