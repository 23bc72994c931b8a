//! Tests connections that do not come about: no route, and a reset.

use url::Url;
use wsman::transport::{ConnectProblem, Delivery, Proxy, ProxyProblem, TransportErrorKind};

use super::http::{exchange, exchange_with, options};
use super::server::Server;
use super::{message, told};

/// Linux refuses a TCP connection to the broadcast address, as it does one without a route.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn reports_a_host_without_a_route_as_not_sent() {
    const NOWHERE: &str = "255.255.255.255:5985";
    let unreachable = TransportErrorKind::Connect(ConnectProblem::Unreachable);
    let direct: Url = format!("http://{NOWHERE}/wsman").parse().unwrap();
    let error = exchange_with(options(&direct), message("<s/>"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (unreachable, Delivery::NotSent)
    );
    assert!(
        told(&error).contains("no route to the host"),
        "{}",
        told(&error)
    );

    #[cfg(feature = "rustls")]
    {
        let encrypted = format!("https://{NOWHERE}/wsman").parse().unwrap();
        let error = exchange_with(options(&encrypted), message("<s/>"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (unreachable, Delivery::NotSent)
        );
    }

    let host: Url = "http://host.example:5985/wsman".parse().unwrap();
    for scheme in ["http", "socks5h"] {
        let proxy = Proxy::new(format!("{scheme}://{NOWHERE}").parse().unwrap());
        let through = options(&host).proxy(proxy);
        let error = exchange_with(through, message("<s/>")).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (
                TransportErrorKind::Proxy(ProxyProblem::Unreachable(ConnectProblem::Unreachable)),
                Delivery::NotSent
            )
        );
        // The cause is in the chain, with the words of the system.
        let chain = told(&error);
        assert!(chain.contains("NetworkUnreachable"), "{chain}");
    }
}

/// Closes connections with a reset, at once.
async fn resetting() -> Server {
    Server::start(|stream, _| async move {
        stream.set_zero_linger().unwrap();
    })
    .await
}

#[tokio::test]
async fn reports_a_reset_connection_with_its_cause() {
    let server = resetting().await;
    for _ in 0..20 {
        let error = exchange(&server).await.unwrap_err();
        // Whether the reset arrives before the first byte is a race; the delivery follows the flag.
        let is_known = matches!(
            error.kind(),
            TransportErrorKind::Interrupted | TransportErrorKind::Connect(ConnectProblem::Reset)
        );
        assert!(is_known, "{}", told(&error));
    }
    #[cfg(feature = "rustls")]
    {
        let mut url = server.url.clone();
        url.set_scheme("https").unwrap();
        let error = exchange_with(options(&url), message("<s/>"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (TransportErrorKind::Tls, Delivery::NotSent),
            "{}",
            told(&error)
        );
    }
    let host: Url = "http://host.example:5985/wsman".parse().unwrap();
    let proxy = Proxy::new(
        server
            .url
            .as_str()
            .replace("http:", "socks5h:")
            .parse()
            .unwrap(),
    );
    let error = exchange_with(options(&host).proxy(proxy), message("<s/>"))
        .await
        .unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    // Whether the reset arrives before the first byte is a race.
    let is_known = matches!(
        error.kind(),
        TransportErrorKind::Proxy(
            ProxyProblem::Closed | ProxyProblem::Unreachable(ConnectProblem::Reset)
        )
    );
    assert!(is_known, "{}", told(&error));
}
