//! Modifies an instance, shows the messages and the progress of the server, and answers its prompt; the
//! second time it cancels instead:
//!
//! ```sh
//! cargo run --features simulator --example callbacks
//! ```
#![allow(clippy::print_stdout)]

use std::time::Duration;

use wsman::callback::{MessageChannel, PromptAnswer, PromptMode};
use wsman::simulator::{Knob, Script, sample};
use wsman::{Callback, Callbacks, Credentials, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = sample().start().await?;
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .build()?;
    let mut share = session.get_instance(r#"Win32_Share.Name="public""#).await?;
    let wanted = Callbacks::new().channel(MessageChannel::Warning);
    let wanted = wanted.progress().prompts(PromptMode::Inquire);

    for (description, cancels) in [("answered", false), ("cancelled", true)] {
        let script = Script::new().progress("copying", 10);
        let script = script.warning("nearly full").confirm("Overwrite it?");
        let script = script.wait(Duration::from_secs(if cancels { 60 } else { 0 }));
        simulator.next(Knob::Callbacks(script));

        share.set("Description", description);
        let mut operation = session.modify_instance(&share).callbacks(wanted).start();
        let canceller = operation.canceller();
        while let Some(callback) = operation.callbacks().next().await {
            match callback {
                Callback::Message { channel, text } => println!("{channel:?}: {text}"),
                Callback::Progress(at) => println!("{} {:?}", at.activity, at.percent_complete),
                Callback::Prompt(_) if cancels => canceller.cancel(),
                Callback::Prompt(prompt) => {
                    println!("{} Yes", prompt.text());
                    prompt.answer(PromptAnswer::Yes);
                }
                _ => {}
            }
        }
        match operation.await {
            Ok(put) => println!("{:?} {}", put.outcome, put.path),
            Err(error) => println!("{:?}: {error}", error.delivery()),
        }
    }
    Ok(())
}
