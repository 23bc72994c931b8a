//! Tests keys that the selector and the body spell differently.

use wsman::simulator::Dialect;
use wsman::{Error, Instance, InstancePath, PutMode, PutOutcome};

use crate::{play, reference, requests, rows, stage};

/// An instance is put back as it was read, whatever the spelling of the key in its selector.
#[tokio::test]
async fn puts_an_instance_back_with_any_spelling_of_its_key() {
    for (selector, body) in [
        ("1", "true"),
        ("7", "07"),
        ("LOGS", "logs"),
        ("{ABC}", "{abc}"),
        ("logs", "logs "),
        ("20240229123456.000000+060", "2024-02-29T11:34:56Z"),
        ("one", "another"),
    ] {
        let item = format!(
            "<w:Item><p:X><p:K>{body}</p:K><p:V>1</p:V></p:X><a:EndpointReference>{}</a:EndpointReference></w:Item>",
            reference(&format!(r#"<w:Selector Name="K">{selector}</w:Selector>"#))
        );
        let (session, replay) = play(&[rows(&item), String::new()]);
        let mut row = session.enumerate_instances("X").await.unwrap().remove(0);
        row.set("V", 2u32);
        session.modify_instance(&row).await.unwrap();
        let put = requests(&replay).pop().unwrap();
        assert!(put.contains(&format!(">{body}</p0:K>")), "{put}");
        assert!(put.contains(&format!(r#"Name="K">{selector}<"#)), "{put}");
    }
}

#[tokio::test]
async fn compares_a_changed_key_exactly() {
    let path = InstancePath::new("X").with_key("K", "logs");
    for changed in ["LOGS", "logs ", "other"] {
        let (session, replay) = play(&[]);
        let mut row = Instance::new("X")
            .with_key("K", "logs")
            .with_path(path.clone());
        row.set_unmodified();
        row.set("K", changed);
        let error = session.put_instance(&row).await.unwrap_err();
        assert!(matches!(error, Error::InvalidParameter(_)), "{error}");
        assert!(replay.requests().is_empty());
    }
}

#[tokio::test]
async fn accepts_a_created_key_in_another_case() {
    let made = [
        "<x:ResourceCreated>",
        &reference(
            r#"<w:Selector Name="Name">FOO</w:Selector><w:Selector Name="User">PC\Ops ÜNÏ</w:Selector><w:Selector Name="Id">07</w:Selector>"#,
        ),
        "</x:ResourceCreated>",
    ]
    .concat();
    let asked = Instance::new("X")
        .with_key("Name", "foo")
        .with_key("User", r"pc\ops Ünï")
        .with_key("Id", 7u32);
    let (session, _replay) = play(std::slice::from_ref(&made));
    let put = session.put_instance(&asked).mode(PutMode::CreateOnly);
    let put = put.await.unwrap();
    assert_eq!(put.outcome, PutOutcome::Created);
    assert!(put.path.same_instance(&asked.path().unwrap()));
    assert_eq!(put.path.key("Name").unwrap().as_str(), Some("FOO"));

    let (session, _replay) = play(&[made]);
    let other = Instance::new("X")
        .with_key("Name", "bar")
        .with_key("Id", 7u32);
    let put = session.put_instance(&other).mode(PutMode::CreateOnly);
    assert!(matches!(put.await, Err(Error::CreatedElsewhere(_))));
}

/// Windows finds an instance by its key in any case; OMI and openwsman treat it as another instance.
#[tokio::test]
async fn only_windows_finds_keys_without_case() {
    for dialect in Dialect::ALL {
        let (_simulator, builder) = stage(dialect).await;
        let session = builder.wire_form(dialect.wire_form()).build().unwrap();
        let share = Instance::new("Win32_Share")
            .with_key("Name", "Ünï logs")
            .with("Path", "/l");
        session.create_instance(&share).await.unwrap();
        let shouted = InstancePath::new("Win32_Share").with_key("Name", "ÜNÏ LOGS");
        let read = session.get_instance(&shouted).await;
        if dialect != Dialect::Windows {
            assert!(matches!(read, Err(Error::NotFound(_))), "{dialect:?}");
            continue;
        }
        let mut read = read.unwrap();
        assert_eq!(read.get::<String>("Name").unwrap(), "Ünï logs");
        read.set("Path", "/m");
        session.modify_instance(&read).await.unwrap();
        let again = session.get_instance(share.path().unwrap()).await.unwrap();
        assert_eq!(again.get::<String>("Path").unwrap(), "/m");
        session.delete_instance(&shouted).await.unwrap();
    }
}

/// Rows that the server matched without case are not dropped by the client.
#[tokio::test]
async fn keeps_rows_that_match_in_another_case() {
    let (session, _replay) = play(&[rows(
        "<p:X><p:K>LOGS</p:K></p:X><p:X><p:K>other</p:K></p:X>",
    )]);
    let found = session.enumerate_instances("X").matching("K", "logs").await;
    assert_eq!(found.unwrap().len(), 1);
}
