//! An answer to another message: whatever follows it on its connection may be one too.

use wsman::simulator::Knob;
use wsman::{Delivery, Error};

use crate::setting::{LOGINS, Login, Setting, Wire};
use crate::share;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_answer_is_the_last_on_its_connection() {
    for wire in [Wire::Http, Wire::Https] {
        for login in LOGINS {
            let setting = Setting::new(login, wire).await;
            let session = setting.builder().connections(1).build().unwrap();
            // The second put shows that the connection was kept.
            for number in 1..=2 {
                session.put_instance(&share(number)).await.unwrap();
            }
            assert_eq!(setting.simulator.connections(), 1, "{login:?} {wire:?}");
            if login == Login::Digest {
                // A harmless message goes before the write.
                setting.simulator.next(Knob::Pass);
            }
            setting.simulator.next(Knob::OldAnswer);
            let error = session.put_instance(&share(3)).await.unwrap_err();
            setting.simulator.clear_knobs();
            assert_eq!(error.delivery(), Delivery::Unknown, "{login:?} {wire:?}");
            assert!(
                matches!(error, Error::Decode(_) | Error::Transport(_)),
                "{error:?}"
            );
            session.put_instance(&share(4)).await.unwrap();
            assert_eq!(setting.simulator.connections(), 2, "{login:?} {wire:?}");
        }
    }
}

/// The rows of a page are read later than the page.
#[tokio::test]
async fn an_old_page_is_the_last_on_its_connection() {
    let setting = Setting::new(LOGINS[0], Wire::Http).await;
    let session = setting.session();
    let shares = || session.enumerate_instances("Win32_Share").max_elements(1);
    shares().await.unwrap();
    setting.simulator.next(Knob::OldAnswer);
    let error = shares().await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
    shares().await.unwrap();
    assert_eq!(setting.simulator.connections(), 2);
}
