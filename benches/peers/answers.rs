//! The prepared answers.

/// The most rows of a page.
pub(super) const PAGE: usize = 100;

/// The numbers of rows have six digits, so that all rows are equally long.
const FIRST: usize = 100_000;

const HEAD: &str = concat!(
    r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope""#,
    r#" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing""#,
    r#" xmlns:wsen="http://schemas.xmlsoap.org/ws/2004/09/enumeration""#,
    r#" xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd""#,
    r#" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common""#,
    r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Header>"#,
    "<wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>",
    "<wsa:Action>http://schemas.xmlsoap.org/ws/2004/09/",
);
const AFTER_ACTION: &str = "</wsa:Action><wsa:MessageID>uuid:8A5C7C9E-0001-0000-0000-000000020000</wsa:MessageID><wsa:RelatesTo>";
const AFTER_RELATION: &str = "</wsa:RelatesTo></s:Header><s:Body>";
const END: &str = "</s:Body></s:Envelope>";

const CONTEXT: &str = "<wsen:EnumerationContext>uuid:1</wsen:EnumerationContext>";

/// The answers to every message; only `RelatesTo` and the number of rows change.
pub(super) struct Answers {
    item: String,
    plain: Rows,
    with_paths: Rows,
}

/// A page of rows of equal length.
struct Rows {
    text: String,
    of_a_row: usize,
}

impl Answers {
    pub(super) fn new() -> Self {
        let row = include_str!("row.xml").replace('\n', "");
        let reference = include_str!("reference.xml").replace('\n', "");
        let with_path = format!("<wsman:Item>{row}{reference}</wsman:Item>");
        Self {
            item: numbered(&row, 7),
            plain: Rows::new(&row),
            with_paths: Rows::new(&with_path),
        }
    }

    /// Answers a Put with the instance.
    pub(super) fn put(&self, relates_to: &str) -> Vec<u8> {
        http("transfer/PutResponse", relates_to, &[&self.item])
    }

    /// Answers an Enumerate with a context and no row.
    pub(super) fn opened(&self, relates_to: &str) -> Vec<u8> {
        let (start, end) = ("<wsen:EnumerateResponse>", "</wsen:EnumerateResponse>");
        http(
            "enumeration/EnumerateResponse",
            relates_to,
            &[start, CONTEXT, end],
        )
    }

    /// Answers a Pull with at most [`PAGE`] rows.
    pub(super) fn page(
        &self,
        relates_to: &str,
        rows: usize,
        with_paths: bool,
        is_last: bool,
    ) -> Vec<u8> {
        let form = if with_paths {
            &self.with_paths
        } else {
            &self.plain
        };
        let rows = form.text.get(..rows * form.of_a_row).unwrap_or_default();
        let (context, end) = if is_last {
            ("", "<wsen:EndOfSequence/>")
        } else {
            (CONTEXT, "")
        };
        let (start, items) = ("<wsen:PullResponse>", "<wsen:Items>");
        let body = [start, context, items, rows, "</wsen:Items>", end];
        let body = [&body[..], &["</wsen:PullResponse>"]].concat();
        http("enumeration/PullResponse", relates_to, &body)
    }
}

impl Rows {
    fn new(row: &str) -> Self {
        Self {
            text: (0..PAGE).map(|number| numbered(row, number)).collect(),
            of_a_row: numbered(row, 0).len(),
        }
    }
}

fn numbered(row: &str, number: usize) -> String {
    row.replace("ROW", &(FIRST + number).to_string())
}

fn http(action: &str, relates_to: &str, body: &[&str]) -> Vec<u8> {
    let before = [HEAD, action, AFTER_ACTION, relates_to, AFTER_RELATION];
    let parts = [&before[..], body, &[END]].concat();
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    [&[head.as_str()][..], &parts]
        .concat()
        .concat()
        .into_bytes()
}
