//! Tests how many connections a session opens, with each login, over HTTP and HTTPS.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../support/authority.rs"]
#[allow(dead_code)]
mod authority;
mod early;
mod lost;
mod old;
mod setting;

use std::time::Duration;

use wsman::simulator::Simulator;
use wsman::{Delivery, Error, Instance, PutMode, Session};

use setting::{LOGINS, Login, Setting, Wire};

pub(crate) fn share(number: usize) -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", format!("share{number}"))
        .with("Path", r"C:\logs")
        .with("Type", 0u32)
}

/// Puts each of 1,000 instances twice, and reads them in pages of one row.
async fn puts_and_pages(session: &Session) {
    for number in 0..2000 {
        let put = session.put_instance(&share(number % 1000)).await;
        put.unwrap_or_else(|error| panic!("put {number}: {error:?}"));
    }
    let mut rows = session
        .enumerate_instances("Win32_Share")
        .max_elements(1)
        .stream();
    let mut count = 0;
    while let Some(row) = rows.next().await {
        row.unwrap();
        count += 1;
    }
    assert!(count >= 1000, "{count}");
}

async fn serial_user(wire: Wire) {
    for login in LOGINS {
        let setting = Setting::new(login, wire).await;
        puts_and_pages(&setting.session()).await;
        assert_eq!(setting.simulator.connections(), 1, "{login:?}");
        assert!(setting.simulator.requests().len() >= 1000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_serial_user_opens_one_connection_over_http() {
    serial_user(Wire::Http).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_serial_user_opens_one_connection_over_https() {
    serial_user(Wire::Https).await;
}

/// Puts an instance ten times in each of so many tasks.
async fn tasks(session: &Session, count: usize) {
    let task = |number| {
        let session = session.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                session.put_instance(&share(number)).await.unwrap();
            }
        })
    };
    for task in (0..count).map(task).collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_open_at_most_the_set_number_of_connections() {
    for wire in [Wire::Http, Wire::Https] {
        for login in LOGINS {
            for (limit, count) in [(Some(1), 16), (Some(3), 16), (None, 16), (None, 64)] {
                let setting = Setting::new(login, wire).await;
                let builder = setting.builder();
                let session = match limit {
                    Some(limit) => builder.connections(limit),
                    None => builder,
                };
                tasks(&session.build().unwrap(), count).await;
                let most = limit.unwrap_or(8);
                let opened = setting.simulator.connections();
                assert!(opened <= most, "{login:?} {wire:?}: {opened} of {most}");
                assert!(setting.simulator.most_open_connections() <= most);
            }
        }
    }
}

/// Servers lock accounts after repeated failures.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_wrong_password_is_one_failed_login() {
    for wire in [Wire::Http, Wire::Https] {
        for login in LOGINS.into_iter().filter(|login| login.has_password()) {
            let setting = Setting::new(login, wire).await;
            let session = setting.with_password("wrong");
            let task = |number| {
                let session = session.clone();
                tokio::spawn(async move {
                    let put = session.put_instance(&share(number));
                    put.mode(PutMode::CreateOnly).await.unwrap_err()
                })
            };
            let mut deliveries = Vec::new();
            for task in (0..16).map(task).collect::<Vec<_>>() {
                let error: Error = task.await.unwrap();
                assert!(matches!(error, Error::Auth(_)), "{login:?}: {error:?}");
                deliveries.push(error.delivery());
            }
            let unsent = |delivery: &&Delivery| **delivery == Delivery::NotSent;
            assert!(
                deliveries.iter().filter(unsent).count() >= 15,
                "{deliveries:?}"
            );
            assert_eq!(setting.failed_logins(), 1, "{login:?} {wire:?}");
        }
    }
}

#[tokio::test]
async fn a_session_reports_its_login() {
    for wire in [Wire::Http, Wire::Https] {
        for (login, scheme, seals) in [
            (Login::Basic, "Basic", false),
            (Login::Digest, "Digest", false),
            (Login::Ntlm, "NTLM", true),
            (Login::Kerberos, "Kerberos", true),
            (Login::Negotiate, "NTLM", true),
            (Login::Best, "Basic", false),
        ] {
            let setting = Setting::new(login, wire).await;
            let session = setting.session();
            assert_eq!(session.login(), None);
            session.put_instance(&share(1)).await.unwrap();
            let state = session.login().unwrap();
            assert_eq!(state.scheme, scheme, "{login:?}");
            let account = state.account.unwrap();
            assert!(account.starts_with(setting.simulator.user()), "{account}");
            assert_eq!(state.sealed, seals && wire == Wire::Http, "{login:?}");
            let now = std::time::SystemTime::now();
            let is_valid = state.tickets_end.map(|end| end > now);
            let has_ticket = (login == Login::Kerberos).then_some(true);
            assert_eq!(is_valid, has_ticket, "{login:?}");
        }
    }
}

async fn closed(simulator: &Simulator) {
    for _ in 0..500 {
        if simulator.open_connections() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{simulator:?}");
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_time() {
    for login in LOGINS {
        let setting = Setting::new(login, Wire::Http).await;
        let builder = setting.builder().idle_timeout(Duration::from_millis(200));
        let session = builder.build().unwrap();
        session.put_instance(&share(1)).await.unwrap();
        assert_eq!(setting.simulator.open_connections(), 1);
        closed(&setting.simulator).await;
        session.put_instance(&share(1)).await.unwrap();
        assert_eq!(setting.simulator.connections(), 2, "{login:?}");
    }
}
