//! Checks the rules of classes, on those of the simulator's sample.

use wsman::PutMode::{CreateOnly, UpdateOnly};
use wsman::cim::Value;
use wsman::{Instance, InstancePath, PutOutcome, Session};

use crate::target::{Outcome, Target, Wrong, able};

pub(crate) async fn a_key_that_the_server_assigns(session: &Session, _: &Target) -> Outcome {
    let job = Instance::new("Demo_Job").with("Command", "run");
    let put = able("create", session.put_instance(&job).mode(CreateOnly).await)?;
    assert_eq!(put.outcome, PutOutcome::Created);
    let created = able("create", session.create_instance(&job).await)?;
    let id = |path: &InstancePath| path.key("JobId").unwrap().to::<u32>().unwrap();
    assert_eq!((id(&put.path), id(&created)), (1, 2));
    let read = able("get", session.get_instance(&put.path).await)?;
    assert_eq!(read.get::<String>("Command").unwrap(), "run");
    able("delete", session.delete_instance(&put.path).await)
}

pub(crate) async fn a_singleton(session: &Session, _: &Target) -> Outcome {
    let settings = Instance::new("Demo_Settings").singleton();
    let settings = settings.with("Mode", "quiet").with("Limit", 3u32);
    let put = able("put", session.put_instance(&settings).await)?;
    assert_eq!((put.outcome, put.messages), (PutOutcome::Updated, 1));
    assert_eq!(
        put.path.keys(),
        InstancePath::singleton("Demo_Settings").keys()
    );
    let read = able("get", session.get_instance(&put.path).await)?;
    assert_eq!(read.get::<u32>("Limit").unwrap(), 3);
    Ok(())
}

fn shape() -> Instance {
    Instance::new("Demo_Shape").with_key("Name", "ghost")
}

pub(crate) async fn abstract_class_of_create(session: &Session, target: &Target) -> Outcome {
    let put = session.put_instance(&shape()).mode(CreateOnly).await;
    target.answers(Wrong::AbstractClassOfCreate, put);
    let put = session.put_instance(&shape()).await;
    target.answers(Wrong::AbstractClassOfCreate, put);
    Ok(())
}

pub(crate) async fn abstract_class_of_put(session: &Session, target: &Target) -> Outcome {
    let put = session.put_instance(&shape()).mode(UpdateOnly).await;
    target.answers(Wrong::AbstractClassOfPut, put);
    Ok(())
}

/// A path may name the superclass; the instance names its actual class.
pub(crate) async fn a_subclass_is_put_through_its_own_class(
    session: &Session,
    _: &Target,
) -> Outcome {
    let as_shape = InstancePath::new("Demo_Shape").with_key("Name", "round");
    let circle = Instance::new("Demo_Circle")
        .with("Color", "green")
        .with("Radius", 2.5);
    let put = session
        .put_instance(&circle)
        .at(&as_shape)
        .mode(UpdateOnly)
        .await;
    let put = able("put", put)?;
    assert_eq!(*put.path.class(), "Demo_Circle");
    let read = able("get", session.get_instance(&put.path).await)?;
    assert_eq!(read.get::<String>("Color").unwrap(), "green");
    assert_eq!(*read.class(), "Demo_Circle");
    Ok(())
}

pub(crate) async fn one_of_two_keys(session: &Session, target: &Target) -> Outcome {
    let half = Instance::new("Demo_Pair")
        .with_key("Name", "left")
        .with("Value", "new");
    let put = session.put_instance(&half).mode(UpdateOnly).await;
    target.answers(Wrong::KeyLeftOut, put);
    let whole = InstancePath::new("Demo_Pair")
        .with_key("Name", "left")
        .with_key("Number", 1u32);
    let read = able("get", session.get_instance(&whole).await)?;
    assert_eq!(read.get::<String>("Value").unwrap(), "v");
    Ok(())
}

/// openwsman ignores an unknown property, so the Create makes another instance.
pub(crate) async fn a_misnamed_key_of_create_or_update(
    session: &Session,
    target: &Target,
) -> Outcome {
    let job = Instance::new("Demo_Job")
        .with_key("Id", 7u32)
        .with("Command", "run");
    made_elsewhere(session, target, Wrong::MisnamedKey, &job, ("JobId", 1)).await
}

/// It also reads a text as the number 0.
pub(crate) async fn a_key_value_that_is_taken_for_another(
    session: &Session,
    target: &Target,
) -> Outcome {
    let number = Value::Untyped("one".into());
    let pair = Instance::new("Demo_Pair")
        .with_key("Name", "right")
        .with_key("Number", number);
    made_elsewhere(session, target, Wrong::KeyValue, &pair, ("Number", 0)).await
}

async fn made_elsewhere(
    session: &Session,
    target: &Target,
    wrong: Wrong,
    instance: &Instance,
    (key, made): (&str, u32),
) -> Outcome {
    let put = session.put_instance(instance).await;
    if let Some(path) = put.as_ref().err().and_then(|error| error.created_path()) {
        assert_eq!(path.key(key).unwrap().to::<u32>().unwrap(), made);
        able("get", session.get_instance(path).await)?;
        able("delete", session.delete_instance(path).await)?;
    }
    target.answers(wrong, put);
    Ok(())
}
