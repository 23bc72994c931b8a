//! A kept connection that the server closed between two messages.

use wsman::{PutMode, PutOutcome};

use crate::setting::{LOGINS, Setting, Wire};
use crate::share;

/// Nothing of the message had left, so that the write is sent on another connection.
#[tokio::test]
async fn a_write_after_a_closed_connection_is_done_once() {
    for wire in [Wire::Http, Wire::Https] {
        for login in LOGINS {
            let setting = Setting::new(login, wire).await;
            let session = setting.session();
            session.put_instance(&share(0)).await.unwrap();
            for number in 1..6 {
                let before = setting.simulator.connections();
                setting.simulator.restart();
                while setting.simulator.open_connections() > 0 {
                    std::thread::yield_now();
                    tokio::task::yield_now().await;
                }
                let put = session.put_instance(&share(number));
                let put = put.mode(PutMode::CreateOnly).await;
                assert_eq!(put.unwrap().outcome, PutOutcome::Created, "{login:?}");
                assert_eq!(setting.simulator.connections(), before + 1, "{login:?}");
            }
        }
    }
}
