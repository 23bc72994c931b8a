//! Tests responses without SOAP: the table "Bare statuses" of DESIGN.md, and the description of a page.

use wsman::{Delivery, Error};

use crate::operations::{WRITES, all};
use crate::server::{Server, http};

use Delivery::{Answered, Unknown};

const HTML: &str = "Content-Type: text/html; charset=us-ascii\r\n";
const HTTP_SYS: &str = include_str!("http-sys-400.html");
const HTTP_SYS_SERVER: &str = "Server: Microsoft-HTTPAPI/2.0\r\n";

/// The meaning of the status alone, with a row for each of the table.
const BARE: &[(u16, &str, &str, Delivery)] = &[
    (200, "", "Decode", Unknown),
    (204, "", "Decode", Unknown),
    (300, "", "Transport", Answered),
    (301, "", "Transport", Answered),
    (302, "", "Transport", Answered),
    (303, "", "Transport", Unknown),
    (304, "", "Transport", Unknown),
    (307, "", "Transport", Answered),
    (308, "", "Transport", Answered),
    (400, "", "Decode", Answered),
    (401, "", "Auth", Answered),
    (402, "", "Decode", Answered),
    (403, "", "AccessDenied", Answered),
    (404, "", "Transport", Answered),
    (405, "", "Decode", Answered),
    (406, "", "Decode", Answered),
    (407, "", "Transport", Answered),
    (408, "", "Decode", Unknown),
    (409, "", "Decode", Answered),
    (410, "", "Decode", Answered),
    (411, "", "Decode", Answered),
    (413, "", "ServerLimits", Answered),
    (414, "", "Decode", Answered),
    (415, "", "Decode", Answered),
    (417, "", "Decode", Answered),
    (421, "", "Decode", Answered),
    (426, "", "Decode", Answered),
    (429, "", "Decode", Answered),
    (431, "", "Decode", Answered),
    (451, "", "Decode", Answered),
    (500, "", "Decode", Unknown),
    (500, HTTP_SYS_SERVER, "Auth", Unknown),
    (501, "", "Decode", Answered),
    (502, "", "Transport", Unknown),
    (503, "", "ShuttingDown", Unknown),
    (503, "Server: nginx\r\n", "ShuttingDown", Unknown),
    (503, HTTP_SYS_SERVER, "ShuttingDown", Answered),
    (504, "", "Transport", Unknown),
    (505, "", "Decode", Unknown),
    (511, "", "Decode", Unknown),
    (599, "", "Decode", Unknown),
];

/// Returns the error of an Update with this response.
async fn answered(answer: Vec<u8>) -> Error {
    let server = Server::start(move |_| answer.clone()).await;
    let error = (WRITES[0].perform)(server.session()).await.unwrap_err();
    assert_eq!(server.count("Put"), 1, "{error:?}");
    error
}

#[tokio::test]
async fn each_bare_status_has_a_row() {
    for (status, head, name, delivery) in BARE {
        let error = answered(http(*status, head, "")).await;
        assert_eq!(error.name(), *name, "{status} {head}: {error:?}");
        assert_eq!(error.delivery(), *delivery, "{status} {head}: {error:?}");
        assert_eq!(error.http_status(), Some(*status));
    }
}

#[tokio::test]
async fn matches_the_table_in_the_design() {
    let design = include_str!("../../DESIGN.md");
    let (_, table) = design.split_once("## Bare statuses").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains(|c: char| c.is_ascii_digit()))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let covers = |cell: &str, status: u16| {
        cell.split(", ").any(|part| match part.split_once(" to ") {
            Some((first, last)) => {
                (first.parse().unwrap()..=last.parse().unwrap()).contains(&status)
            }
            None => part.parse() == Ok(status),
        })
    };
    for (status, _, name, delivery) in BARE {
        let fits = rows.iter().any(|row| {
            covers(row[1], *status)
                && row[3] == format!("`{name}`")
                && row[4] == format!("{delivery:?}")
        });
        assert!(fits, "{status} {name} {delivery:?}: {rows:?}");
    }
}

/// Runs every operation with the responses that a gateway gives after the server disconnected.
#[tokio::test]
async fn reports_gateway_errors_as_unknown_for_every_operation() {
    for operation in all() {
        for status in [502, 503, 504] {
            let server = Server::start(move |_| http(status, "", "")).await;
            let error = (operation.perform)(server.session()).await.unwrap_err();
            assert_eq!(error.delivery(), Unknown, "{}: {error:?}", operation.name);
            assert_eq!(server.count(operation.name), 1);
        }
    }
}

#[tokio::test]
async fn describes_a_page_by_its_status_and_title() {
    let nginx = "<html><head><title>502 Bad Gateway</title></head>\
        <body><center><h1>502 Bad Gateway</h1></center></body></html>";
    for (status, body, text, delivery) in [
        (
            400,
            HTTP_SYS,
            "HTTP 400 Bad Request: Invalid Hostname",
            Answered,
        ),
        (
            414,
            HTTP_SYS,
            "HTTP 414 Bad Request: Invalid Hostname",
            Answered,
        ),
        (
            408,
            HTTP_SYS,
            "HTTP 408 Bad Request: Invalid Hostname",
            Unknown,
        ),
        (502, nginx, "HTTP 502 Bad Gateway: a gateway", Unknown),
        (
            200,
            "<html><title>Sign in</title></html>",
            "HTTP 200 Sign in",
            Unknown,
        ),
        (403, "<title>No</title>", "HTTP 403 No", Answered),
        (500, "<html><h1>Oops</h1>", "HTTP 500 Oops", Unknown),
    ] {
        let error = answered(http(status, HTML, body)).await;
        let shown = error.to_string();
        assert!(shown.contains(text), "{status}: {shown}");
        assert_eq!(error.delivery(), delivery, "{status}: {error:?}");
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(found) = cause {
            assert!(!found.to_string().contains("document type"), "{found}");
            cause = found.source();
        }
    }
}

#[tokio::test]
async fn describes_other_responses_by_their_text() {
    for (status, head, body, text, delivery) in [
        (
            400,
            "Content-Type: text/plain\r\n",
            "Bad host\nmore",
            "HTTP 400 Bad host",
            Answered,
        ),
        (
            400,
            "Content-Type: application/json\r\n",
            "{}",
            "JSON",
            Answered,
        ),
        (400, "", "[1]", "JSON", Answered),
        (
            200,
            "Content-Type: text/plain\r\n",
            "hello",
            "text (HTTP 200",
            Unknown,
        ),
        (
            500,
            "Content-Type: application/problem+json\r\n",
            "{}",
            "JSON",
            Unknown,
        ),
        // The response claims to be SOAP, so a service may have written it.
        (
            400,
            "Content-Type: application/soap+xml\r\n",
            "<s:Env",
            "HTTP 400",
            Unknown,
        ),
        (
            404,
            "Content-Type: application/soap+xml\r\n",
            "<s:Env",
            "/wsman",
            Unknown,
        ),
    ] {
        let error = answered(http(status, head, body)).await;
        let shown = error.to_string();
        assert!(shown.contains(text), "{status} {head}: {shown}");
        assert_eq!(error.delivery(), delivery, "{status} {head}: {error:?}");
    }
}
