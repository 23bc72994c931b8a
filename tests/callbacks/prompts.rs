//! Tests prompts and their responses.

use std::time::Duration;

use wsman::callback::{ErrorMode, PromptAnswer, PromptImportance, PromptMode};
use wsman::simulator::Script;
use wsman::{Callbacks, Error};

use super::*;

fn prompting() -> Callbacks {
    Callbacks::new().prompts(PromptMode::Inquire)
}

/// Answers each prompt in turn.
async fn answer(operation: &mut Operation<InstancePath>, answers: &[PromptAnswer]) -> Vec<String> {
    let mut answers = answers.iter().copied();
    let mut asked = Vec::new();
    let mut callbacks = operation.callbacks();
    while let Some(callback) = callbacks.next().await {
        asked.push(said(&callback));
        match callback {
            Callback::Prompt(prompt) if prompt.is_asked() => {
                prompt.answer(answers.next().unwrap());
            }
            Callback::Error(error) if error.is_asked() => error.answer(answers.next().unwrap()),
            _ => {}
        }
    }
    asked
}

fn assert_refused(result: Result<InstancePath, Error>) {
    assert!(matches!(result, Err(Error::Fault(_))), "{result:?}");
}

#[tokio::test]
async fn yes_is_answered_on_a_second_connection() {
    let (simulator, session) = stage().await;
    let script = Script::new().confirm("Overwrite?").verbose("on it");
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    let asked = answer(&mut operation, &[PromptAnswer::Yes]).await;
    assert_eq!(asked, ["Overwrite?", "Verbose on it"]);
    operation.await.unwrap();
    assert!(is_created(&simulator));

    let create = requests(&simulator, "/Create").remove(0);
    let response = requests(&simulator, "/InteractiveResponse").remove(0);
    for same in ["OperationID", "ResourceURI", "SessionId", "Selector "] {
        assert_eq!(element(&response, same), element(&create, same), "{same}");
    }
    assert_ne!(
        element(&response, "MessageID"),
        element(&create, "MessageID")
    );
    assert_eq!(element(&response, "SequenceId"), "2");
    assert_eq!(element(&response, "EventType"), "Confirm");
    assert_eq!(element(&response, "Response>"), "yes");
    let end = requests(&simulator, "/End").remove(0);
    assert_eq!(
        element(&end, "OperationID"),
        element(&create, "OperationID")
    );
    assert_eq!(simulator.connections(), 2);
}

#[tokio::test]
async fn reports_no_to_the_provider() {
    let (simulator, session) = stage().await;
    let script = Script::new().confirm("Overwrite?");
    let mut operation = creating(&simulator, &session, script, prompting());
    assert_eq!(answer(&mut operation, &[PromptAnswer::No]).await.len(), 1);
    assert_refused(operation.await);
    assert!(!is_created(&simulator));
}

#[tokio::test]
async fn a_dropped_prompt_is_answered_with_no() {
    let (simulator, session) = stage().await;
    let script = || Script::new().confirm("Overwrite?");
    let mut operation = creating(&simulator, &session, script(), prompting());
    let callback = operation.callbacks().next().await.unwrap();
    assert_eq!(said(&callback), "Overwrite?");
    drop(callback);
    assert_refused(operation.await);

    // Waiting for the result does not read callbacks.
    let operation = creating(&simulator, &session, script(), prompting());
    assert_refused(operation.await);
    creating(&simulator, &session, script(), prompting()).detach();
    until("the server did not receive No", || {
        requests(&simulator, "/InteractiveResponse").len() == 3
    })
    .await;
    for response in requests(&simulator, "/InteractiveResponse") {
        assert_eq!(element(&response, "Response>"), "no");
    }
    assert!(!is_created(&simulator));
}

#[tokio::test]
async fn numbers_responses_and_applies_those_for_all() {
    let (simulator, session) = stage().await;
    let script = Script::new()
        .confirm("one")
        .confirm("two")
        .confirm("three")
        .confirm_critical("four");
    let mut operation = creating(&simulator, &session, script, prompting());
    let answers = [
        PromptAnswer::Yes,
        PromptAnswer::YesToAll,
        PromptAnswer::NoToAll,
    ];
    let asked = answer(&mut operation, &answers).await;
    assert_eq!(asked, ["one", "two", "four"]);
    assert_refused(operation.await);
    let numbers: Vec<String> = requests(&simulator, "/InteractiveResponse")
        .iter()
        .map(|response| {
            format!(
                "{} {}",
                element(response, "SequenceId"),
                element(response, "Response>")
            )
        })
        .collect();
    assert_eq!(numbers, ["2 yes", "3 yesToAll", "4 noToAll"]);
}

#[tokio::test]
async fn lets_the_server_answer_prompts() {
    let (simulator, session) = stage().await;
    for (mode, goes_on) in [(PromptMode::AnswerNo, false), (PromptMode::AnswerYes, true)] {
        let script = Script::new().confirm("normal").confirm_critical("critical");
        let wanted = Callbacks::new().prompts(mode);
        let mut operation = creating(&simulator, &session, script, wanted);
        let asked = answer(&mut operation, &[PromptAnswer::Yes]).await;
        let critical: &[&str] = if goes_on { &["critical"] } else { &[] };
        assert_eq!(asked, critical, "{mode:?}");
        assert_eq!(operation.await.is_ok(), goes_on);
    }
}

#[tokio::test]
async fn a_reported_prompt_is_not_answered() {
    let (simulator, session) = stage().await;
    let script = Script::new().confirm("normal").confirm_critical("critical");
    let wanted = Callbacks::new().prompts(PromptMode::Report);
    let mut operation = creating(&simulator, &session, script, wanted);
    let mut asked = Vec::new();
    while let Some(Callback::Prompt(prompt)) = operation.callbacks().next().await {
        asked.push((prompt.importance(), prompt.is_asked()));
        prompt.answer(PromptAnswer::Yes);
    }
    let expected = [
        (PromptImportance::Normal, false),
        (PromptImportance::Critical, true),
    ];
    assert_eq!(asked, expected);
    operation.await.unwrap();
    assert_eq!(requests(&simulator, "/InteractiveResponse").len(), 1);
}

#[tokio::test]
async fn continues_after_a_non_terminating_error() {
    let (simulator, session) = stage().await;
    let wanted = Callbacks::new().errors(ErrorMode::Inquire);
    for (said, goes_on) in [(PromptAnswer::No, false), (PromptAnswer::Yes, true)] {
        let script = Script::new().error("one file is locked");
        let mut operation = creating(&simulator, &session, script, wanted);
        let asked = answer(&mut operation, &[said]).await;
        assert_eq!(asked, ["one file is locked"]);
        assert_eq!(operation.await.is_ok(), goes_on);
    }
    let response = requests(&simulator, "/InteractiveResponse").remove(0);
    assert_eq!(element(&response, "EventType"), "ErrorAction");
}

#[tokio::test]
async fn the_time_limit_pauses_while_a_prompt_waits() {
    let simulator = wsman::simulator::sample().start().await.unwrap();
    let session = builder(&simulator)
        .operation_timeout(Duration::from_millis(150))
        .network_delay(Duration::ZERO)
        .build()
        .unwrap();
    let script = Script::new().confirm("Overwrite?");
    let mut operation = creating(&simulator, &session, script, prompting());
    let Some(Callback::Prompt(prompt)) = operation.callbacks().next().await else {
        panic!("no prompt");
    };
    tokio::time::sleep(Duration::from_millis(400)).await;
    prompt.answer(PromptAnswer::Yes);
    operation.await.unwrap();
}
