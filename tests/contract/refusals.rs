//! Checks invalid requests, and the state afterwards.

use wsman::PutMode::{CreateOnly, UpdateOnly};
use wsman::{Instance, InstancePath, Session};

use crate::target::{Outcome, Target, Wrong, able};

const NO_CLASS: &str = "Wsman_NoSuchClass";
const NO_NAMESPACE: &str = "root/wsman_no_such_namespace";

fn of_no_class(target: &Target) -> Instance {
    Instance::new(NO_CLASS).with_key(target.key.as_str(), target.name.as_str())
}

pub(crate) async fn wrong_class_of_update(session: &Session, target: &Target) -> Outcome {
    let instance = of_no_class(target);
    let refused = session.put_instance(&instance).mode(UpdateOnly).await;
    target.answers(Wrong::ClassOfUpdate, refused);
    Ok(())
}

pub(crate) async fn wrong_class_of_create(session: &Session, target: &Target) -> Outcome {
    let instance = of_no_class(target);
    let refused = session.put_instance(&instance).mode(CreateOnly).await;
    target.answers(Wrong::ClassOfCreate, refused);
    Ok(())
}

/// If the first response may refer to the instance alone, the second decides; both are kept.
pub(crate) async fn wrong_class_of_create_or_update(session: &Session, target: &Target) -> Outcome {
    let refused = session.put_instance(&of_no_class(target)).await;
    let earlier = refused.as_ref().err().and_then(|error| error.earlier());
    assert!(
        earlier.is_none_or(|error| error.name() == "NotFound"),
        "{refused:?}"
    );
    target.answers(Wrong::ClassOfCreateOrUpdate, refused);
    Ok(())
}

pub(crate) async fn wrong_class_of_get(session: &Session, target: &Target) -> Outcome {
    let path = InstancePath::new(NO_CLASS).with_key(target.key.as_str(), target.name.as_str());
    target.answers(Wrong::ClassOfUpdate, session.get_instance(&path).await);
    Ok(())
}

pub(crate) async fn wrong_namespace_of_update(session: &Session, target: &Target) -> Outcome {
    let put = session.put_instance(&target.instance(1)).mode(UpdateOnly);
    target.answers(Wrong::Namespace, put.namespace(NO_NAMESPACE).await);
    Ok(())
}

pub(crate) async fn wrong_namespace_of_create_or_update(
    session: &Session,
    target: &Target,
) -> Outcome {
    let put = session.put_instance(&target.instance(1));
    target.answers(Wrong::Namespace, put.namespace(NO_NAMESPACE).await);
    target.assert_missing(session).await;
    Ok(())
}

pub(crate) async fn wrong_key_name(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let path =
        InstancePath::new(target.class.as_str()).with_key("WsmanNoKey", target.name.as_str());
    let put = session.put_instance(&target.instance(2)).mode(UpdateOnly);
    target.answers(Wrong::KeyName, put.at(&path).await);
    assert_eq!(target.number(session).await, 1);
    Ok(())
}

/// A server that accepts a text for a number stores something else.
pub(crate) async fn wrong_type(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let instance = target.instance(1).with(target.property.as_str(), "many");
    let put = session.put_instance(&instance).mode(UpdateOnly).await;
    let number = target.answers(Wrong::Type, put).map_or(1, |_| 0);
    assert_eq!(target.number(session).await, number);
    Ok(())
}

pub(crate) async fn unknown_property(session: &Session, target: &Target) -> Outcome {
    target.create(session, 1).await?;
    let instance = target.instance(2).with("WsmanNoProperty", "x");
    let put = session.put_instance(&instance).mode(UpdateOnly).await;
    let number = target.answers(Wrong::UnknownProperty, put).map_or(1, |_| 2);
    let read = target.read(session).await;
    assert_eq!(read.get::<u32>(&target.property).unwrap(), number);
    assert!(read.value("WsmanNoProperty").is_none(), "{read:?}");
    Ok(())
}

/// A server that accepts a NULL ignores it.
pub(crate) async fn null_for_a_not_null_property(session: &Session, target: &Target) -> Outcome {
    let forbidden = target.forbidden()?;
    target.create(session, 1).await?;
    let before = target.read(session).await;
    for wrong in forbidden {
        let put = session.put_instance(&wrong.instance).mode(UpdateOnly).await;
        target.answers(wrong.update, put);
        let after = target.read(session).await;
        assert_eq!(after.value(wrong.property), before.value(wrong.property));
    }
    Ok(())
}

pub(crate) async fn null_for_a_not_null_property_of_a_new_instance(
    session: &Session,
    target: &Target,
) -> Outcome {
    for wrong in target.forbidden()? {
        let put = session.put_instance(&wrong.instance).mode(CreateOnly).await;
        match target.answers(wrong.create, put) {
            Some(_) => able("delete", session.delete_instance(target.path()).await)?,
            None => target.assert_missing(session).await,
        }
    }
    Ok(())
}
