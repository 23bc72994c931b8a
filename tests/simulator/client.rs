//! An independent client: HTTP by hand, envelopes from parts.

use base64::Engine as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wsman::Instance;
use wsman::protocol::Message;
use wsman::simulator::Simulator;

pub(crate) const DMTF: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";

/// A response as received: status, header block, body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn message(&self) -> Message {
        Message::read(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn instance(&self) -> Instance {
        let mut instances = self.message().instances;
        assert_eq!(instances.len(), 1, "{}", self.text());
        instances.remove(0)
    }
}

/// A request in parts; `write` makes the envelope from it.
#[derive(Clone, Default)]
pub(crate) struct Request {
    pub(crate) action: &'static str,
    pub(crate) uri: String,
    pub(crate) namespace: Option<&'static str>,
    pub(crate) selectors: Vec<(&'static str, String)>,
    pub(crate) header: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn new(action: &'static str, uri: impl Into<String>) -> Self {
        Self {
            action,
            uri: uri.into(),
            ..Self::default()
        }
    }

    pub(crate) fn of_class(action: &'static str, class: &str) -> Self {
        let request = Self::new(action, format!("{DMTF}{class}"));
        Self {
            namespace: Some("root/cimv2"),
            ..request
        }
    }

    pub(crate) fn with_key(mut self, name: &'static str, value: impl ToString) -> Self {
        self.selectors.push((name, value.to_string()));
        self
    }

    pub(crate) fn header(mut self, xml: &str) -> Self {
        self.header.push_str(xml);
        self
    }

    pub(crate) fn option(self, name: &str, value: &str) -> Self {
        let set = format!(r#"<w:Option Name="{name}">{value}</w:Option></w:OptionSet>"#);
        match self.header.strip_suffix("</w:OptionSet>") {
            Some(open) => Self {
                header: format!("{open}{set}"),
                ..self
            },
            None => self.header(&format!("<w:OptionSet>{set}")),
        }
    }

    /// Returns properties inside an element of the class of the URI.
    pub(crate) fn properties(mut self, xml: &str) -> Self {
        let class = self.uri.rsplit('/').next().unwrap();
        self.body = format!(r#"<p:{class} xmlns:p="{}">{xml}</p:{class}>"#, self.uri);
        self
    }

    pub(crate) fn body(mut self, xml: &str) -> Self {
        self.body = xml.to_owned();
        self
    }

    pub(crate) fn write(&self) -> String {
        let namespace = self
            .namespace
            .map(|namespace| ("__cimnamespace", namespace.to_owned()));
        let selectors = namespace.iter().chain(&self.selectors);
        let selectors: String = selectors
            .map(|(name, value)| format!(r#"<w:Selector Name="{name}">{value}</w:Selector>"#))
            .collect();
        let specification = match self.action {
            "Enumerate" | "Pull" | "Release" => "enumeration",
            _ => "transfer",
        };
        format!(
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"><s:Header><a:To>http://127.0.0.1/wsman</a:To><w:ResourceURI s:mustUnderstand="true">{}</w:ResourceURI><a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo><a:Action s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/09/{specification}/{}</a:Action><a:MessageID>uuid:1</a:MessageID><w:SelectorSet>{selectors}</w:SelectorSet>{}</s:Header><s:Body>{}</s:Body></s:Envelope>"#,
            self.uri, self.action, self.header, self.body
        )
    }
}

pub(crate) fn http(simulator: &Simulator, headers: &str, body: &str) -> Vec<u8> {
    let login = format!("{}:{}", simulator.user(), simulator.password());
    let login = base64::engine::general_purpose::STANDARD.encode(login);
    let length = body.len();
    format!("POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Type: application/soap+xml;charset=UTF-8\r\nContent-Length: {length}\r\nAuthorization: Basic {login}\r\n{headers}\r\n{body}").into_bytes()
}

/// Sends a request on a connection and reads one response; `None` without one.
pub(crate) async fn exchange(stream: &mut TcpStream, request: &[u8]) -> Option<Reply> {
    // A server that closed the connection may do so before everything is written.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end;
        }
        let read = stream.read_buf(&mut bytes).await.unwrap_or(0);
        if read == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut body = bytes.split_off(end + 4);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().unwrap())
    });
    while body.len() < length.unwrap_or(0) {
        if stream.read_buf(&mut body).await.unwrap_or(0) == 0 {
            break;
        }
    }
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Reply { status, head, body })
}

pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

pub(crate) async fn connect(simulator: &Simulator) -> TcpStream {
    TcpStream::connect(simulator.address()).await.unwrap()
}

/// Sends a request on its own connection.
pub(crate) async fn try_send(simulator: &Simulator, request: &Request) -> Option<Reply> {
    let mut stream = connect(simulator).await;
    exchange(&mut stream, &http(simulator, "", &request.write())).await
}

pub(crate) async fn send(simulator: &Simulator, request: &Request) -> Reply {
    try_send(simulator, request).await.expect("an answer")
}

/// A request for the share of the sample.
pub(crate) fn share(action: &'static str) -> Request {
    Request::of_class(action, "Win32_Share").with_key("Name", "public")
}

/// A complete Identify message.
pub(crate) const IDENTIFY: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>"#;
