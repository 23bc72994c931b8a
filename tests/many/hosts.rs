//! Many hosts: concurrency, deadlines, and the gate of an account.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use wsman::auth::LoginProblem;
use wsman::error::{Delivery, Error, TimeoutKind};
use wsman::hosts::{HostResult, HostResults, Hosts};
use wsman::simulator::{Knob, LoginScheme, NtlmScheme, Simulator, sample};
use wsman::transport::TransportError;
use wsman::{Credentials, Session, SessionBuilder};

const LONG: Duration = Duration::from_secs(60);

fn builder(simulator: &Simulator, password: &str) -> SessionBuilder {
    let login = Credentials::basic(simulator.user(), password);
    let builder = Session::builder(simulator.url()).credentials(login);
    builder.namespace("root/cimv2").allow_unencrypted()
}

pub(crate) async fn all<T: Send + 'static>(mut results: HostResults<T>) -> Vec<HostResult<T>> {
    let mut all = Vec::new();
    while let Some(result) = results.next().await {
        all.push(result);
    }
    all
}

async fn count(session: Session) -> Result<usize, Error> {
    Ok(session.enumerate_instances("Win32_Share").await?.len())
}

/// Asserts that one login was tried and refused, and that all others were not sent.
fn assert_one_bad_logon<T: std::fmt::Debug>(results: &[HostResult<T>]) {
    let errors = results.iter().map(|host| host.result.as_ref().unwrap_err());
    let (tried, held_back): (Vec<&Error>, Vec<&Error>) =
        errors.partition(|error| error.delivery() == Delivery::Answered);
    assert_eq!(tried.len(), 1);
    assert_eq!(login_problem(tried[0]), None);
    for error in held_back {
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(login_problem(error), Some(LoginProblem::HeldBack));
        let text = error.to_string();
        assert!(
            text.contains("held back after a rejected password"),
            "{text}"
        );
    }
}

fn login_problem(error: &Error) -> Option<LoginProblem> {
    error.caused_by::<TransportError>()?.login_problem()
}

#[tokio::test]
async fn a_mistyped_password_on_a_thousand_hosts_is_one_bad_logon() {
    let servers = [
        sample().start().await.unwrap(),
        sample().start().await.unwrap(),
    ];
    let hosts = servers.iter().cycle().take(1000);
    let hosts = Hosts::new(hosts.map(|server| builder(server, "mistyped")));
    let results = all(hosts.concurrency(50).run(count)).await;
    assert_eq!(results.len(), 1000);
    assert_one_bad_logon(&results);
    let requests: usize = servers.iter().map(|server| server.requests().len()).sum();
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn a_mistyped_password_by_ntlm_is_one_bad_logon() {
    let server = sample()
        .logins([LoginScheme::Ntlm(NtlmScheme::new())])
        .start()
        .await
        .unwrap();
    let hosts = (0..100).map(|_| {
        let login = Credentials::ntlm(server.user(), "mistyped");
        Session::builder(server.url())
            .credentials(login)
            .namespace("root/cimv2")
    });
    let results = all(Hosts::new(hosts).run(count)).await;
    assert_one_bad_logon(&results);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn each_account_has_its_own_gate() {
    let server = sample().start().await.unwrap();
    let passwords = ["mistyped", server.password(), "other", server.password()];
    let hosts = Hosts::new(passwords.map(|password| builder(&server, password)));
    let mut results = all(hosts.run(count)).await;
    results.sort_by_key(|host| host.index);
    let worked: Vec<bool> = results.iter().map(|host| host.result.is_ok()).collect();
    assert_eq!(worked, [false, true, false, true]);
    for (host, password) in results.iter().zip(passwords) {
        if let Err(error) = &host.result {
            assert_eq!(error.delivery(), Delivery::Answered, "{password}");
        }
    }
}

#[tokio::test]
async fn independent_logins_try_every_host() {
    let server = sample().start().await.unwrap();
    let hosts = Hosts::new((0..5).map(|_| builder(&server, "mistyped")));
    let results = all(hosts.independent_logins().run(count)).await;
    let answered = |host: &HostResult<usize>| {
        host.result.as_ref().unwrap_err().delivery() == Delivery::Answered
    };
    assert!(results.iter().all(answered));
    assert_eq!(server.requests().len(), 5);
}

/// The first host accepts connections and answers nothing; the gate does not wait for it for long.
#[tokio::test]
async fn a_silent_first_host_does_not_hold_up_the_rest() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = sample().start().await.unwrap();
    let url = format!("http://{}/wsman", silent.local_addr().unwrap());
    let login = Credentials::basic(server.user(), server.password());
    let dead = Session::builder(url).credentials(login).allow_unencrypted();
    let live = (0..4).map(|_| builder(&server, server.password()));
    let hosts = Hosts::new([dead].into_iter().chain(live));
    let start = Instant::now();
    let mut results = hosts
        .concurrency(5)
        .deadline(Duration::from_secs(10))
        .run(count);
    for _ in 0..4 {
        let host = results.next().await.unwrap();
        assert!(host.index > 0 && host.result.is_ok());
    }
    assert!(
        start.elapsed() < Duration::from_secs(9),
        "{:?}",
        start.elapsed()
    );
    let late = results.next().await.unwrap();
    let error = late.result.unwrap_err();
    assert_eq!(
        (late.index, error.timeout_kind()),
        (0, Some(TimeoutKind::Deadline))
    );
    assert!(results.next().await.is_none());
}

#[tokio::test]
async fn results_come_as_they_are_ready_and_concurrency_is_bounded() {
    let server = sample().start().await.unwrap();
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let hosts = Hosts::new((0..12).map(|_| builder(&server, server.password())));
    let (running_now, most_now) = (Arc::clone(&running), Arc::clone(&most));
    let mut results = hosts.concurrency(3).run(move |session| {
        let (running, most) = (Arc::clone(&running_now), Arc::clone(&most_now));
        async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let shares = count(session).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            running.fetch_sub(1, Ordering::SeqCst);
            shares
        }
    });
    let mut indices = Vec::new();
    while let Some(host) = results.next().await {
        assert_eq!(host.endpoint, server.url().as_str());
        assert!(host.result.unwrap() > 0);
        indices.push(host.index);
    }
    indices.sort_unstable();
    assert_eq!(indices, (0..12).collect::<Vec<_>>());
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_deadline_ends_one_host_and_says_the_delivery() {
    let slow = sample().start().await.unwrap();
    let quick = sample().start().await.unwrap();
    slow.next(Knob::Delay(LONG));
    let hosts = [&slow, &quick].map(|server| builder(server, server.password()));
    let hosts = Hosts::new(hosts).independent_logins();
    let results = all(hosts.deadline(Duration::from_secs(1)).run(async |session| {
        let first = count(session.clone()).await;
        // What comes after the deadline is not sent.
        if first.is_err() {
            let again = session.identify().await.unwrap_err();
            assert_eq!(again.delivery(), Delivery::NotSent);
        }
        first
    }));
    let mut results = results.await;
    results.sort_by_key(|host| host.index);
    let error = results[0].result.as_ref().unwrap_err();
    assert_eq!(error.timeout_kind(), Some(TimeoutKind::Deadline));
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(results[1].result.is_ok());
}

#[tokio::test]
async fn work_of_the_caller_ends_soon_after_the_deadline() {
    let server = sample().start().await.unwrap();
    let hosts = Hosts::new([builder(&server, server.password())]);
    let start = Instant::now();
    let results = hosts.deadline(Duration::from_millis(100)).run(async |_| {
        tokio::time::sleep(LONG).await;
        Ok(())
    });
    let results = all(results).await;
    let error = results[0].result.as_ref().unwrap_err();
    assert_eq!(error.timeout_kind(), Some(TimeoutKind::Deadline));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_host_that_cannot_be_built_has_a_result() {
    let server = sample().start().await.unwrap();
    let hosts = [
        Session::builder("not/a/host"),
        builder(&server, server.password()),
    ];
    let mut results = all(Hosts::new(hosts).run(count)).await;
    results.sort_by_key(|host| host.index);
    assert_eq!(results[0].result.as_ref().unwrap_err().name(), "Config");
    assert!(results[1].result.is_ok());
    assert!(all(Hosts::new([]).run(count)).await.is_empty());
}
