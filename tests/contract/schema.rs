//! Checks classes and their use by a session. A server without class declarations must report that for
//! each request.

use wsman::PutMode::UpdateOnly;
use wsman::cim::{CimType, Class, Value};
use wsman::{Delivery, Error, Instance, PutOutcome, Session};

use crate::target::{Outcome, Target, Unable, Wrong, able, refused_here};

/// Returns the class of the target; `None` from a server that is known to have no declarations.
async fn class(session: &Session, target: &Target) -> Result<Option<Class>, Unable> {
    match session.get_class(target.class.as_str()).await {
        Err(error @ (Error::NotSupported(_) | Error::AccessDenied(_))) => {
            Err(Unable(format!("the server cannot get a class: {error}")))
        }
        answer => Ok(target.answers(Wrong::GetClass, answer)),
    }
}

pub(crate) async fn class_with_its_key(session: &Session, target: &Target) -> Outcome {
    let Some(class) = class(session, target).await? else {
        return Ok(());
    };
    assert_eq!(*class.name(), target.class.as_str());
    let keys: Vec<_> = class.keys().map(|key| key.name.as_str()).collect();
    assert_eq!(keys, [target.key.as_str()]);
    let property = class.property(&target.property).unwrap();
    assert_eq!(
        (property.cim_type, property.array),
        (CimType::Uint32, false)
    );

    let bare = session
        .get_class(target.class.as_str())
        .without_qualifiers();
    let bare = able("get a class without qualifiers", bare.await)?;
    assert_eq!(bare.keys().count(), 0, "the qualifier says what a key is");
    let own = session.get_class(target.class.as_str()).without_inherited();
    let own = able("get a class without inherited elements", own.await)?;
    assert!(own.properties().iter().all(|property| !property.propagated));
    Ok(())
}

pub(crate) async fn class_that_is_missing(session: &Session, target: &Target) -> Outcome {
    let missing = session.get_class("Wsman_NoSuchClass").await;
    target.answers(Wrong::ClassOfGetClass, missing);
    Ok(())
}

pub(crate) async fn typed_instance(session: &Session, target: &Target) -> Outcome {
    target.create(session, 7).await?;
    let typed = session.get_instance(target.path()).typed().await;
    if class(session, target).await?.is_none() {
        target.answers(Wrong::GetClass, typed);
        return Ok(());
    }
    let typed = able("read with types", typed)?;
    assert_eq!(typed.value(&target.property), Some(&Value::Uint32(7)));
    assert_eq!(
        typed.value(&target.key),
        Some(&Value::from(target.name.as_str()))
    );
    assert_eq!(typed.modified().count(), 0);
    Ok(())
}

/// Reads the classes below its superclass, or the top classes if it has none.
pub(crate) async fn classes_below_another(session: &Session, target: &Target) -> Outcome {
    let own = class(session, target).await?;
    let superclass = own.as_ref().and_then(|own| own.superclass());
    let below = session
        .enumerate_classes(superclass.map(|superclass| superclass.as_str()))
        .names_only();
    let Some(names) = target.answers(Wrong::EnumerateClasses, below.shallow().await) else {
        return Ok(());
    };
    assert!(
        names.iter().any(|name| *name == target.class.as_str()),
        "{names:?}"
    );
    Ok(())
}

pub(crate) async fn typed_rows(session: &Session, target: &Target) -> Outcome {
    target.create(session, 7).await?;
    let rows = session.enumerate_instances(target.class.as_str()).typed();
    if class(session, target).await?.is_none() {
        target.answers(Wrong::GetClass, rows.await);
        return Ok(());
    }
    let rows = able("enumerate with types", rows.await)?;
    let own = |row: &&Instance| row.get::<String>(&target.key).as_ref() == Ok(&target.name);
    let own = rows.iter().find(own).expect("the row of the target");
    assert_eq!(own.value(&target.property), Some(&Value::Uint32(7)));
    Ok(())
}

/// Takes the instance without any key marked.
fn keyless(target: &Target, number: u32) -> Instance {
    target
        .instance(number)
        .properties()
        .iter()
        .fold(Instance::new(target.class.as_str()), |keyless, property| {
            keyless.with(property.name(), property.value().clone())
        })
}

pub(crate) async fn keys_that_the_class_names(session: &Session, target: &Target) -> Outcome {
    let put = session.put_instance(&keyless(target, 1)).checked().await;
    if class(session, target).await?.is_none() {
        let error = put.expect_err("refused without its class");
        assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
        return Ok(());
    }
    target.assert_put(&able("put", put)?, PutOutcome::Created, 2);
    let put = session
        .put_instance(&keyless(target, 2))
        .checked()
        .mode(UpdateOnly);
    target.assert_put(&able("put", put.await)?, PutOutcome::Updated, 1);
    assert_eq!(target.number(session).await, 2);
    Ok(())
}

/// The result is the same on every server with classes, whatever the server itself would report.
pub(crate) async fn checked_before_it_is_sent(session: &Session, target: &Target) -> Outcome {
    let Some(class) = class(session, target).await? else {
        return Ok(());
    };
    target.create(session, 1).await?;
    let wrong = [
        (
            "InvalidParameter",
            target.instance(2).with("WsmanNoProperty", "x"),
        ),
        (
            "TypeMismatch",
            target.instance(2).with(target.property.as_str(), "many"),
        ),
        (
            "TypeMismatch",
            target
                .instance(2)
                .with(target.property.as_str(), 1_u64 << 32),
        ),
        (
            "TypeMismatch",
            target
                .instance(2)
                .with(target.property.as_str(), vec![1u32, 2]),
        ),
    ];
    for (name, instance) in wrong {
        let put = session.put_instance(&instance).checked().await;
        let error = refused_here(name, put).to_string();
        assert!(error.contains(&target.class), "{error}");
    }
    let not_null = target.not_null.as_deref();
    let not_null = not_null.filter(|name| class.property(name).is_some_and(|nn| nn.not_null));
    if let Some(not_null) = not_null {
        let put = session.put_instance(&target.instance(2).with_null(not_null));
        refused_here("IllegalNull", put.checked().await);
    }
    let created = session.create_instance(&target.bare().with("WsmanNoProperty", "x"));
    refused_here("InvalidParameter", created.checked().await);
    assert_eq!(target.number(session).await, 1);
    Ok(())
}
