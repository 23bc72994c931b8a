//! Checks where keys come from, and what the client rejects before sending.

use wsman::PutMode::{CreateOrUpdate, UpdateOnly};
use wsman::{Instance, InstancePath, PutOutcome, Session};

use crate::target::{Outcome, Target, able, refused_here};

pub(crate) async fn missing_for_an_update(session: &Session, target: &Target) -> Outcome {
    let instance = Instance::new(target.class.as_str()).with(target.key.as_str(), "x");
    for mode in [UpdateOnly, CreateOrUpdate] {
        let refused = session.put_instance(&instance).mode(mode).await;
        let text = refused_here("InvalidParameter", refused).to_string();
        for way in [
            "Instance::with_key",
            ".at(path)",
            ".singleton()",
            "read or created",
        ] {
            assert!(text.contains(way), "{way} is not in: {text}");
        }
    }
    let refused = session.modify_instance(&instance).await;
    refused_here("InvalidParameter", refused);
    Ok(())
}

pub(crate) async fn missing_for_a_delete(session: &Session, target: &Target) -> Outcome {
    let class = InstancePath::new(target.class.as_str());
    refused_here("InvalidParameter", session.delete_instance(&class).await);
    refused_here("InvalidParameter", session.get_instance(&class).await);
    Ok(())
}

pub(crate) async fn a_class_as_instance(session: &Session, target: &Target) -> Outcome {
    let class = InstancePath::new(target.class.as_str());
    for mode in [UpdateOnly, CreateOrUpdate] {
        let put = session.put_instance(&target.instance(1)).mode(mode);
        refused_here("InvalidObject", put.at(&class).await);
    }
    target.assert_missing(session).await;
    Ok(())
}

/// OMI would accept the selector, and Windows would reject it.
pub(crate) async fn a_body_with_another_key(session: &Session, target: &Target) -> Outcome {
    let other = target.path().with_key(target.key.as_str(), "another");
    for mode in [UpdateOnly, CreateOrUpdate] {
        let put = session.put_instance(&target.instance(1)).mode(mode);
        let error = refused_here("InvalidParameter", put.at(&other).await);
        assert!(error.to_string().contains(&target.key), "{error}");
    }
    let mut read = target.instance(1).with_path(target.path());
    read.set(target.key.as_str(), "another");
    refused_here("InvalidParameter", session.modify_instance(&read).await);
    Ok(())
}

/// An instance without keys takes them from the path: as selectors, and in a new body too.
pub(crate) async fn from_the_path_of_the_request(session: &Session, target: &Target) -> Outcome {
    let mut instance = target.instance(1);
    instance.remove(&target.key).unwrap();
    for (number, outcome) in [(1, PutOutcome::Created), (2, PutOutcome::Updated)] {
        instance.set(target.property.as_str(), number);
        let put = session.put_instance(&instance).at(target.path()).await;
        let done = able("create", put)?;
        assert_eq!(done.outcome, outcome);
        assert!(done.path.same_instance(&target.path()), "{}", done.path);
        assert_eq!(target.number(session).await, number);
    }
    Ok(())
}
