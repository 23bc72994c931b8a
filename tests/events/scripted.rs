//! Servers with scripted responses, on a paused clock: asserts exactly which messages they receive, and
//! when.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use wsman::cim::DateTime;
use wsman::subscribe::{Bookmark, Subscribe};
use wsman::transport::{
    Delivery, ExchangeFuture, IncomingMessage, OutgoingMessage, Transport, TransportError,
    TransportErrorKind,
};
use wsman::{Error, Request, Session, Subscription};

use crate::{QUERY, millis};

const EARLIEST: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest";

/// The requested duration of a subscription.
const ASKED: Duration = Duration::from_secs(600);

/// Writes the expiration in a response.
type Expires = fn() -> String;

/// The response to a Pull.
#[derive(Clone, Debug)]
enum Page {
    /// An event with this number, and with a bookmark unless it is empty.
    Event(u32, &'static str),
    /// The connection is lost after the Pull was sent.
    Lost,
    /// The server does not know the subscription.
    Gone,
    /// An event, and then the end of the subscription.
    Last(u32),
}

/// A server whose Pulls are answered with pages; after the last page it is silent until they time out.
struct Server {
    pages: Mutex<VecDeque<Page>>,
    /// The texts of `Expires` in the responses to Subscribe and to Renew; omitted if empty.
    expires: Box<dyn Fn() -> String + Send + Sync>,
    ends_always: bool,
    /// The last segment of the action of each message, and the message.
    seen: Mutex<Vec<(String, String)>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

impl Server {
    fn new(pages: &[Page]) -> Self {
        Self {
            pages: Mutex::new(pages.iter().cloned().collect()),
            expires: Box::new(String::new),
            ends_always: false,
            seen: Mutex::default(),
        }
    }

    /// Does the same with this expiration.
    fn expiring(expires: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self {
            expires: Box::new(expires),
            ..Self::new(&[])
        }
    }

    fn count(&self, action: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|(found, _)| found == action).count()
    }

    /// Returns the bookmark of each Subscribe.
    fn bookmarks(&self) -> Vec<Option<String>> {
        let seen = self.seen.lock().unwrap();
        let subscribes = seen.iter().filter(|(action, _)| action == "Subscribe");
        subscribes
            .map(|(_, body)| text(body, "w:Bookmark"))
            .collect()
    }

    async fn answer(&self, message: OutgoingMessage) -> Result<IncomingMessage, TransportError> {
        let request = String::from_utf8(message.body.as_bytes().unwrap().to_vec()).unwrap();
        let action = text(&request, "a:Action").unwrap();
        let operation = action.rsplit('/').next().unwrap().to_owned();
        message.sent.raise();
        self.seen
            .lock()
            .unwrap()
            .push((operation.clone(), request.clone()));
        let expires = match (self.expires)() {
            text if text.is_empty() => text,
            text => format!("<e:Expires>{text}</e:Expires>"),
        };
        let context = "<n:EnumerationContext>c1</n:EnumerationContext>";
        let (status, header, body) = match operation.as_str() {
            "Subscribe" => {
                let manager = "<e:SubscriptionManager><a:Address>http://h/</a:Address>\
                               </e:SubscriptionManager>";
                let parts = [manager, &expires, context].concat();
                (200, "", element("e:SubscribeResponse", &parts))
            }
            "Renew" => (200, "", element("e:RenewResponse", &expires)),
            "Unsubscribe" => (200, "", String::new()),
            "Pull" => {
                let page = self.pages.lock().unwrap().pop_front();
                match page {
                    Some(Page::Event(number, bookmark)) => {
                        let items = element("n:Items", &tick(number));
                        let bookmark = match bookmark {
                            "" => String::new(),
                            text => element("w:Bookmark", text),
                        };
                        let body = element("n:PullResponse", &[context, &items].concat());
                        return Ok(answered(200, &request, &bookmark, &body));
                    }
                    Some(Page::Last(number)) => {
                        let items = element("n:Items", &tick(number));
                        let end = "<n:EndOfSequence/>";
                        if self.ends_always {
                            self.pages.lock().unwrap().push_back(Page::Last(number));
                        }
                        let body = element("n:PullResponse", &[&items, end].concat());
                        return Ok(answered(200, &request, "", &body));
                    }
                    Some(Page::Lost) => {
                        return Err(TransportError::new(
                            TransportErrorKind::Interrupted,
                            Delivery::Unknown,
                            "the connection was lost",
                        ));
                    }
                    Some(Page::Gone) => (500, "", fault("n:InvalidEnumerationContext")),
                    None => {
                        tokio::time::sleep(hold(&request)).await;
                        (500, "", fault("w:TimedOut"))
                    }
                }
            }
            other => panic!("{other}"),
        };
        Ok(answered(status, &request, header, &body))
    }
}

impl Transport for Server {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(self.answer(message))
    }
}

fn element(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

fn tick(number: u32) -> String {
    format!("<p:Demo_Tick><p:Number>{number}</p:Number></p:Demo_Tick>")
}

fn fault(subcode: &str) -> String {
    format!(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>\
         </s:Code><s:Reason><s:Text xml:lang=\"en\">no</s:Text></s:Reason></s:Fault>"
    )
}

fn answered(status: u16, request: &str, header: &str, body: &str) -> IncomingMessage {
    let relates_to = element("a:RelatesTo", &text(request, "a:MessageID").unwrap());
    let action = format!("{}Response", text(request, "a:Action").unwrap());
    let action = element("a:Action", &action);
    let envelope = format!(
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' \
         xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing' \
         xmlns:e='http://schemas.xmlsoap.org/ws/2004/08/eventing' \
         xmlns:n='http://schemas.xmlsoap.org/ws/2004/09/enumeration' \
         xmlns:w='http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd' \
         xmlns:p='http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Demo_Tick'>\
         <s:Header>{action}{relates_to}{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    );
    let soap = "application/soap+xml;charset=UTF-8";
    IncomingMessage::new(status, envelope).with_header("content-type", soap)
}

/// Returns the text of the first element with a name as written.
fn text(message: &str, name: &str) -> Option<String> {
    let (_, rest) = message.split_once(&format!("<{name}"))?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split('<').next()?.to_owned())
}

/// Returns how long the server holds a Pull.
fn hold(request: &str) -> Duration {
    let timeout = text(request, "w:OperationTimeout").unwrap();
    let seconds = timeout.trim_start_matches("PT").trim_end_matches('S');
    Duration::from_secs_f64(seconds.parse().unwrap())
}

fn ticks(server: &Arc<Server>) -> Request<Subscribe> {
    let url = "http://h/wsman";
    let builder = Session::builder(url).transport(Arc::clone(server) as _);
    let session = builder.namespace("root/cimv2").build().unwrap();
    session.subscribe(QUERY).expires(ASKED)
}

/// Returns the number and the bookmark of the next event.
async fn event(events: &mut Subscription) -> (u32, Option<Bookmark>) {
    let event = events.next().await.unwrap().unwrap();
    (event.instance.get("Number").unwrap(), event.bookmark)
}

async fn missed(events: &mut Subscription) -> Error {
    let error = events.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::EventsMissed(_)), "{error:?}");
    assert!(
        !error.to_string().contains("may have performed it"),
        "{error}"
    );
    error
}

fn at(text: &str) -> Option<Bookmark> {
    Some(Bookmark::At(text.to_owned()))
}

/// OMI sends it with every event of a provider that names no other bookmark.
#[tokio::test(start_paused = true)]
async fn ignores_a_bookmark_without_a_position() {
    for bookmark in [EARLIEST, "", " \n "] {
        let gone = [
            Page::Event(1, bookmark),
            Page::Event(2, bookmark),
            Page::Gone,
            Page::Event(15, bookmark),
        ];
        let server = Arc::new(Server::new(&gone));
        let mut events = ticks(&server).send_bookmarks().await.unwrap();
        assert_eq!(event(&mut events).await, (1, None), "{bookmark}");
        assert_eq!(event(&mut events).await, (2, None));
        missed(&mut events).await;
        assert_eq!(event(&mut events).await, (15, None));
        assert_eq!(server.bookmarks(), [None, None], "{bookmark}");
        events.close().await.unwrap();
    }
}

/// A lost response costs events, but continuing needs no new subscription.
#[tokio::test(start_paused = true)]
async fn reports_a_lost_response_if_the_bookmark_has_no_position() {
    let lost = [
        Page::Event(1, EARLIEST),
        Page::Lost,
        Page::Event(3, EARLIEST),
    ];
    let server = Arc::new(Server::new(&lost));
    let mut events = ticks(&server).send_bookmarks().await.unwrap();
    assert_eq!(event(&mut events).await, (1, None));
    missed(&mut events).await;
    assert_eq!(event(&mut events).await, (3, None));
    assert_eq!(server.count("Subscribe"), 1);
}

#[tokio::test(start_paused = true)]
async fn resumes_from_a_changing_bookmark() {
    for trouble in [Page::Gone, Page::Lost] {
        let pages = [Page::Event(1, "bm-1"), trouble, Page::Event(2, "bm-2")];
        let server = Arc::new(Server::new(&pages));
        let mut events = ticks(&server).send_bookmarks().await.unwrap();
        assert_eq!(event(&mut events).await, (1, at("bm-1")));
        assert_eq!(event(&mut events).await, (2, at("bm-2")));
        assert_eq!(server.bookmarks(), [None, Some("bm-1".to_owned())]);
    }
}

#[tokio::test(start_paused = true)]
async fn ignores_a_constant_bookmark() {
    let pages = [
        Page::Event(1, "x"),
        Page::Event(2, "x"),
        Page::Gone,
        Page::Event(9, "x"),
    ];
    let server = Arc::new(Server::new(&pages));
    let mut events = ticks(&server).send_bookmarks().await.unwrap();
    // The first bookmark alone does not show whether it changes.
    assert_eq!(event(&mut events).await, (1, at("x")));
    assert_eq!(event(&mut events).await, (2, None));
    missed(&mut events).await;
    assert_eq!(event(&mut events).await, (9, None));
    assert_eq!(server.bookmarks(), [None, None]);
}

#[tokio::test(start_paused = true)]
async fn reports_a_resume_from_a_constant_bookmark() {
    let pages = [Page::Event(1, "x"), Page::Gone, Page::Event(9, "x")];
    let server = Arc::new(Server::new(&pages));
    let mut events = ticks(&server).send_bookmarks().await.unwrap();
    assert_eq!(event(&mut events).await, (1, at("x")));
    let error = missed(&mut events).await;
    let why = error.earlier().unwrap().to_string();
    assert!(why.contains("same bookmark for different events"), "{why}");
    assert_eq!(event(&mut events).await, (9, None));
    assert_eq!(server.bookmarks(), [None, Some("x".to_owned())]);
}

/// The client requests the oldest event again until it has received one; the events between may be
/// lost.
#[tokio::test(start_paused = true)]
async fn does_not_resume_from_the_oldest_event() {
    let pages = [Page::Gone, Page::Event(5, EARLIEST), Page::Gone];
    let server = Arc::new(Server::new(&pages));
    let request = ticks(&server).bookmark(Bookmark::Earliest);
    let mut events = request.await.unwrap();
    missed(&mut events).await;
    assert_eq!(event(&mut events).await, (5, None));
    missed(&mut events).await;
    let earliest = Some(EARLIEST.to_owned());
    assert_eq!(server.bookmarks(), [earliest.clone(), earliest, None]);
}

/// Runs a silent subscription for a time; returns the number of messages of each kind that the server
/// received.
async fn run(server: &Arc<Server>, request: Request<Subscribe>, time: Duration) -> [usize; 3] {
    let events = request.await.unwrap();
    tokio::time::sleep(time).await;
    let counts = ["Subscribe", "Renew", "Pull"].map(|action| server.count(action));
    drop(events);
    counts
}

fn time(there: SystemTime) -> String {
    let DateTime::Timestamp(time) = DateTime::try_from(there).unwrap() else {
        panic!("a point in time");
    };
    let text = |part: Option<u8>| format!("{:02}", part.unwrap());
    format!(
        "{:04}-{}-{}T{}:{}:{}Z",
        time.year().unwrap(),
        text(time.month()),
        text(time.day()),
        text(time.hour()),
        text(time.minute()),
        text(time.second()),
    )
}

/// Renews a subscription of ten minutes every 400 seconds, whatever the server's clock; the server
/// holds a Pull for a minute.
#[tokio::test(start_paused = true)]
async fn replaces_a_lapsed_lifetime_with_the_requested_one() {
    let hour = Duration::from_secs(3600);
    let texts: [(&str, Expires); 10] = [
        ("granted", || "PT600S".into()),
        ("zero", || "PT0S".into()),
        ("negative", || "-PT600S".into()),
        ("long ago", || "1970-01-01T00:00:00Z".into()),
        ("unreadable", || "soon".into()),
        ("of months", || "P1M".into()),
        ("now", || time(SystemTime::now())),
        ("behind", || {
            time(SystemTime::now() - Duration::from_secs(3600))
        }),
        ("ahead", || {
            time(SystemTime::now() + Duration::from_secs(7200))
        }),
        ("at the end of time", || "9999-12-31T23:59:59Z".into()),
    ];
    for (what, expires) in texts {
        let server = Arc::new(Server::expiring(expires));
        let counts = run(&server, ticks(&server), hour - millis(100)).await;
        // Eight times six minutes and forty seconds, each with seven Pulls.
        assert_eq!(counts, [1, 8, 63], "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn does_not_renew_an_unlimited_lifetime() {
    let hour = Duration::from_secs(3600) - millis(100);
    for expires in ["", "P99999999D"] {
        let server = Arc::new(Server::expiring(move || expires.to_owned()));
        assert_eq!(run(&server, ticks(&server), hour).await, [1, 0, 60]);
    }
}

/// Renew and Unsubscribe wait no longer than the caller has set for a message.
#[tokio::test(start_paused = true)]
async fn no_message_waits_longer_than_set() {
    for (set, expected) in [(Some(2), 2.0), (Some(30), 10.0), (None, 10.0)] {
        let server = Arc::new(Server::expiring(|| "PT30S".to_owned()));
        let mut request = ticks(&server);
        if let Some(seconds) = set {
            request = request.operation_timeout(Duration::from_secs(seconds));
        }
        let events = request.await.unwrap();
        tokio::time::sleep(Duration::from_secs(25)).await;
        events.close().await.unwrap();
        for action in ["Renew", "Unsubscribe"] {
            let seen = server.seen.lock().unwrap();
            let message = seen.iter().find(|(found, _)| found == action);
            let limit = hold(&message.expect(action).1);
            assert_eq!(limit, Duration::from_secs_f64(expected), "{action} {set:?}");
        }
    }
}

/// At most one Renew and one Pull a second, however short the lifetime.
#[tokio::test(start_paused = true)]
async fn limits_the_rate_of_renewals() {
    let minute = Duration::from_secs(60) + millis(500);
    for expires in ["PT0.001S", "PT0.5S", "PT1S"] {
        let server = Arc::new(Server::expiring(move || expires.to_owned()));
        let counts = run(&server, ticks(&server), minute).await;
        assert_eq!(counts, [1, 60, 61], "{expires}");
    }
    // The client sends no request and leaves nothing on the server.
    let server = Arc::new(Server::expiring(|| "PT0S".to_owned()));
    let request = ticks(&server).expires(Duration::ZERO);
    assert_eq!(run(&server, request, minute).await, [1, 60, 61]);
}

#[tokio::test(start_paused = true)]
async fn limits_the_rate_of_subscriptions() {
    let mut server = Server::new(&[Page::Last(7)]);
    server.ends_always = true;
    let server = Arc::new(server);
    let mut events = ticks(&server).await.unwrap();
    let begun = Instant::now();
    let mut seen = 0;
    while begun.elapsed() < Duration::from_secs(60) {
        match events.next().await.unwrap() {
            Ok(_) => seen += 1,
            Err(error) => assert!(matches!(error, Error::EventsMissed(_)), "{error:?}"),
        }
    }
    assert_eq!((server.count("Subscribe"), seen), (61, 60));
}
