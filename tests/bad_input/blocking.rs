//! What blocking calls refuse: bad input as its async form does, and a thread that must not block.

use std::time::Duration;

use wsman::blocking::{Session, iter};
use wsman::simulator::sample;
use wsman::{Credentials, PutMode};

use crate::{assert_not_sent, builder, share, stage};

const SHARE: &str = r#"Win32_Share.Name="public""#;

/// The server has a runtime of its own: the thread of the script has none.
#[test]
fn bad_input_of_a_script() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let simulator = runtime.block_on(sample().start()).unwrap();
    let script = builder(&simulator).build_blocking().unwrap();
    let from_async = Session::from(builder(&simulator).build().unwrap());
    let basic = Credentials::basic("ops", "hunter2");
    let class = "Win32 Share";
    let rows = rows! {
        "builder(no host)" => "Config", Session::builder("").build_blocking();
        "builder(scheme)" => "Config", Session::builder("ftp://h/wsman").build_blocking();
        "build_blocking(host with Basic)" => "Config",
            Session::builder("h").credentials(basic).build_blocking();
        "build_blocking(namespace)" => "InvalidParameter",
            builder(&simulator).namespace("a b").build_blocking();
        "wait(path)" => "InvalidParameter", script.get_instance("A.").wait();
        "wait(class)" => "InvalidParameter", script.enumerate_instances(class).wait();
        "wait(method)" => "InvalidParameter", script.invoke_method(class, "Stop").wait();
        "wait(deadline)" => "Timeout", script.get_instance(SHARE).deadline(Duration::ZERO).wait();
        "wait(instance)" => "InvalidObject",
            script.put_instance(&share()).at("Win32_Share").mode(PutMode::UpdateOnly).wait();
        "optional().wait()" => "InvalidParameter", script.get_instance("A.").optional().wait();
        "iter(class)" => "InvalidParameter", script.enumerate_instances(class).iter().next().unwrap();
        "iter(query)" => "InvalidParameter", script.query_instances("").iter().next().unwrap();
        "iter(stream)" => "InvalidParameter",
            iter(script.enumerate_paths(class).stream()).next().unwrap();
        "from(session)" => "InvalidParameter", from_async.get_instance("A.").wait();
        "into_async" => "InvalidParameter",
            runtime.block_on(script.clone().into_async().get_instance("A.").into_future());
    };
    assert_not_sent(rows, &simulator);
}

#[tokio::test]
async fn the_thread_of_an_async_runtime() {
    let (simulator, _) = stage().await;
    let script = builder(&simulator).build_blocking().unwrap();
    let shares = || script.enumerate_instances("Win32_Share");
    let rows = rows! {
        "wait" => "Config", script.identify().wait();
        "optional().wait()" => "Config", script.get_instance(SHARE).optional().wait();
        "wait(write)" => "Config", script.put_instance(&share()).wait();
        "Request::iter" => "Config", shares().iter().next().unwrap();
        "iter" => "Config", iter(shares().stream()).next().unwrap();
    };
    assert_not_sent(rows, &simulator);
    assert_eq!(shares().iter().count(), 1, "the refusal is the only item");
}
