//! Tests that `explain` prints every text and every attribute of every available message, compared with
//! an independent parser.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use roxmltree::{Document, Node};
use serde_json::Value;

use super::{Folder, explain, lines};

/// Files that are not compared in full, and why; matched by a part of their path.
const NOT_WELL_FORMED: &[&str] = &["illformed/", "ms-wsmv/wsmv-029", "recordings/omi/211-"];

/// Counts each text in JSON.
fn said(value: &Value, texts: &mut HashMap<String, usize>) {
    let text = match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                *texts.entry(key.clone()).or_default() += 1;
                said(value, texts);
            }
            return;
        }
        Value::Array(items) => return items.iter().for_each(|item| said(item, texts)),
        Value::String(text) => text.trim().to_owned(),
        scalar => scalar.to_string(),
    };
    *texts.entry(text).or_default() += 1;
}

/// Represents an `xsi:nil`, which prints as null, or as itself if it marks an empty array.
const NIL: &str = "xsi:nil";

/// Collects the texts and the values of attributes with a meaning.
fn sent(document: &Document<'_>) -> Vec<String> {
    let mut sent = Vec::new();
    for element in document.descendants().filter(Node::is_element) {
        for attribute in element.attributes() {
            match attribute.name() {
                "mustUnderstand" | "schemaLocation" => {}
                "nil" if attribute.value() == "true" => sent.push(NIL.to_owned()),
                _ => sent.push(attribute.value().trim().to_owned()),
            }
        }
        let texts = element
            .children()
            .filter_map(|node| node.text().filter(|_| node.is_text()));
        sent.extend(
            texts
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
        );
    }
    sent
}

/// Returns what the output omits of its file; `None` if the file is not a document.
fn unsaid(line: &Value) -> Option<Vec<String>> {
    let bytes = fs::read(line["file"].as_str().unwrap()).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let document = Document::parse(text.trim_start_matches('\u{feff}')).ok()?;
    let mut texts = HashMap::new();
    said(line, &mut texts);
    let mut take = |text: &str| match texts.get_mut(text) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    };
    let mut unsaid = sent(&document);
    unsaid.retain(|text| !(take(text) || text == NIL && (take("null") || take("true"))));
    Some(unsaid)
}

/// Checks every message below a folder; some files need not be documents.
async fn every_message_below(folder: &Path) {
    let ending = explain(&["--strict", folder.to_str().unwrap()]).await;
    let lines = lines(&ending);
    let mut checked = 0;
    for line in &lines {
        let file = line["file"].as_str().unwrap();
        if let Some(unsaid) = unsaid(line) {
            assert_eq!(unsaid, [""; 0], "{file}");
            checked += 1;
        }
        let problem = line["problem"].as_str().unwrap_or_default();
        let is_listed = NOT_WELL_FORMED.iter().any(|listed| file.contains(listed));
        let is_missed =
            problem.contains("missing from the output") || problem.contains("cannot be checked");
        assert!(is_listed || !is_missed, "{file}: {problem}");
    }
    assert!(
        checked > lines.len() / 2,
        "{checked} of {} were checked",
        lines.len()
    );
}

#[tokio::test]
async fn prints_everything_of_every_fixture() {
    every_message_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")).await;
}

/// Checks messages of foreign servers and clients, if `WSMAN_RECORDED` names a folder.
#[tokio::test]
async fn prints_everything_of_every_recorded_message() {
    if let Some(folder) = std::env::var_os("WSMAN_RECORDED") {
        every_message_below(Path::new(&folder)).await;
    }
}

/// Checks messages with parts that no decoder knows.
#[tokio::test]
async fn prints_everything_that_no_decoder_knows() {
    let share = "<p:Win32_Share p:at='here'>loose<p:Name xsi:type='cim:string' lang='x'>a</p:Name>\
        <p:Name>a</p:Name>tail<p:Owner/><p:Deep><q:X xmlns:q='urn:q' y='z'><q:W>1</q:W></q:X></p:Deep>\
        <p:Mixed>note <b>x</b>.</p:Mixed><p:Flag xsi:type='cim:cimBoolean'>TRUE</p:Flag>\
        <p:Size xsi:type='cim:cimUnsignedInt'>007</p:Size></p:Win32_Share>";
    let bodies = [
        share.to_owned(),
        format!("bare{share}more{share}<other/>"),
        format!(
            "<s:Fault role='r'><s:Code><s:Value>s:Sender</s:Value></s:Code><x>y</x></s:Fault>{share}"
        ),
        format!(
            "<n:PullResponse n='1'>t<n:Items c='2'>u{share}<w:Item d='3'>v{share}</w:Item></n:Items>\
            <n:EnumerationContext k='4'>ctx</n:EnumerationContext><n:EndOfSequence e='5'>w</n:EndOfSequence>\
            </n:PullResponse>"
        ),
        "<w:XmlFragment>bare text</w:XmlFragment>".to_owned(),
        "<n:Enumerate><w:Filter Dialect='urn:d'><q xmlns='urn:q'>f</q></w:Filter></n:Enumerate>"
            .to_owned(),
        format!(
            "<a:EndpointReference z='0'><a:Address y='1'>h</a:Address><w:SelectorSet><w:Selector Name='K'>\
            v</w:Selector><w:Selector Name='K'>v</w:Selector></w:SelectorSet>{share}</a:EndpointReference>"
        ),
    ];
    let headers = [
        "",
        "<a:To u='1'>x</a:To><a:To>x</a:To><w:Locale/><w:Locale xml:lang='de'>t</w:Locale>text\
         <w:SelectorSet v='2'><w:Selector Name='A' w='3'>1</w:Selector><w:Selector Name='A'>1</w:Selector>\
         <w:Selector Name='B'><a:EndpointReference><a:Address>here</a:Address></a:EndpointReference>\
         </w:Selector></w:SelectorSet><w:SelectorSet><w:Selector Name='C'>4</w:Selector></w:SelectorSet>",
        "<w:OptionSet><w:Option Name='o' Type='t' MustComply='true' More='m'>1</w:Option><w:Option>2</w:Option>\
         <Other Name='p'>3<q>4</q></Other></w:OptionSet><w:Bookmark><L><B c='5'/></L></w:Bookmark>\
         <a:ReplyTo><a:Address>me</a:Address><x>5</x></a:ReplyTo><s:NotUnderstood qname='w:A' z='6'/>\
         <q:To xmlns:q='urn:q'>other</q:To><w:FragmentTransfer Dialect='urn:x'>F<y/></w:FragmentTransfer>",
    ];
    let mut files = Vec::new();
    for (b, body) in bodies.iter().enumerate() {
        for (h, header) in headers.iter().enumerate() {
            let action = format!("<a:Action>urn:act</a:Action>{header}");
            files.push((format!("{b}-{h}.xml"), super::envelope(&action, body)));
        }
    }
    files.push(("envelope.xml".to_owned(), super::envelope("", "<a/>").replace(
        "</s:Envelope>",
        "<s:Body a='1'>second</s:Body><s:Other>x</s:Other><s:Header><a:To>late</a:To></s:Header></s:Envelope>",
    )));
    let named: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let folder = Folder::with(&named);
    every_message_below(folder.0.path()).await;
}
