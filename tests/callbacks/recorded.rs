//! Tests recording and replaying operations with several responses.

use std::sync::Arc;

use wsman::Callbacks;
use wsman::callback::PromptAnswer;
use wsman::record::Replay;
use wsman::simulator::Script;

use super::*;

async fn create(session: &Session) -> Vec<String> {
    let request = session.create_instance(&share());
    let mut operation = request.callbacks(Callbacks::all()).start();
    let mut told = Vec::new();
    while let Some(callback) = operation.callbacks().next().await {
        told.push(said(&callback));
        if let Callback::Prompt(prompt) = callback {
            prompt.answer(PromptAnswer::Yes);
        }
    }
    operation.await.unwrap();
    told
}

#[tokio::test]
async fn replays_a_recorded_conversation() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = wsman::simulator::sample().start().await.unwrap();
    let session = builder(&simulator)
        .record(dir.path(), "simulator")
        .build()
        .unwrap();
    let script = Script::new()
        .verbose("1")
        .confirm("Overwrite?")
        .verbose("2");
    simulator.next(Knob::Callbacks(script.in_pieces(100)));
    let live = create(&session).await;
    assert_eq!(live, ["Verbose 1", "Overwrite?", "Verbose 2"]);

    let mut folders: Vec<String> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let expected = ["0001-Create", "0002-InteractiveResponse", "0003-End"];
    assert_eq!(folders, expected);
    let answer = std::fs::read_to_string(dir.path().join("0001-Create/01.response.xml")).unwrap();
    assert_eq!(answer.matches("</s:Envelope>").count(), 4);

    let replay = Replay::load(dir.path()).unwrap();
    let session = Session::builder("http://host.example/wsman")
        .namespace("root/cimv2")
        .transport(Arc::new(replay))
        .build()
        .unwrap();
    assert_eq!(create(&session).await, live);
}

#[tokio::test]
async fn a_cancelled_conversation_is_not_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let simulator = wsman::simulator::sample().start().await.unwrap();
    let session = builder(&simulator)
        .record(dir.path(), "simulator")
        .build()
        .unwrap();
    let script = Script::new().verbose("1").wait(LONG);
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    assert!(operation.callbacks().next().await.is_some());
    assert!(operation.cancel().await.is_err());
    until("the server received the cancel", || {
        requests(&simulator, "/End").len() == 1
    })
    .await;
    assert!(!dir.path().join("0001-Create").exists());
}
