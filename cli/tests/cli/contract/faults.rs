//! The next step that an error names.

use wsman::simulator::{Knob, RawAnswer, sample};

use crate::program::{Ending, Program};

async fn unavailable(words: &[&str]) -> Ending {
    let server = sample().start().await.unwrap();
    for _ in 0..9 {
        server.next(Knob::Answer(RawAnswer::new(503)));
    }
    Program::at(&server, words).run().await
}

#[tokio::test]
async fn only_a_write_is_to_be_read_back() {
    let step = "read the instance back";
    let path = "Win32_Share.Name=\"public\"";
    let read = unavailable(&["get", path]).await;
    assert_eq!((read.code, read.says(step)), (1, false), "{read:?}");
    let write = unavailable(&["delete", path]).await;
    assert_eq!((write.code, write.says(step)), (9, true), "{write:?}");
}

#[tokio::test]
async fn a_delay_needs_a_time() {
    for fault in ["delay", "delay:", "delay:soon"] {
        let ending = Program::new(["serve", "--fault", fault]).run().await;
        assert_eq!(ending.code, 2, "{fault}: {ending:?}");
    }
}

#[tokio::test]
async fn a_login_that_is_needed_names_the_options() {
    let server = sample().start().await.unwrap();
    let url = server.url().to_string();
    let ending = Program::new(["count", "Win32_Share", "--url", &url])
        .run()
        .await;
    assert_eq!(ending.code, 5, "{ending:?}");
    assert!(ending.stderr.contains("--user"), "{ending:?}");
    assert!(!ending.says("SessionBuilder"), "{ending:?}");
}

#[tokio::test]
async fn a_name_that_the_class_lacks_names_where_to_look() {
    let words = [
        "put",
        "Win32_Share",
        "Name=public",
        "Colour=1",
        "--url",
        "sim:",
    ];
    let ending = Program::new(words).run().await;
    assert_eq!(ending.code, 8, "{ending:?}");
    assert!(
        ending.stderr.contains("wsman class Win32_Share"),
        "{ending:?}"
    );
}

#[tokio::test]
async fn the_path_of_what_would_be_created_has_its_namespace() {
    let words = [
        "put",
        "Win32_Share",
        "Name=new",
        "--what-if",
        "--url",
        "sim:",
    ];
    let ending = Program::new(words).run().await;
    let change: serde_json::Value = serde_json::from_str(&ending.stdout).unwrap();
    assert_eq!(change["outcome"], "would-create");
    assert_eq!(change["path"], "root\\cimv2:Win32_Share.Name=\"new\"");
}
